// Times in the reader's own zone and language; without a script they are UTC.

const lang = document.documentElement.lang;
const day = 86400;
const units = [["day", day], ["hour", 3600], ["minute", 60]];
const relative = new Intl.RelativeTimeFormat(lang, { numeric: "auto" });
const absolute = new Intl.DateTimeFormat(lang, { dateStyle: "medium", timeStyle: "short" });

for (const node of document.querySelectorAll("time[datetime]")) {
	const date = new Date(node.dateTime);
	const seconds = (date - Date.now()) / 1000;
	const [unit, size] = units.find(([, one]) => Math.abs(seconds) >= one) ?? ["minute", 60];

	node.title = absolute.format(date);
	node.textContent = Math.abs(seconds) < 7 * day ?
		relative.format(Math.round(seconds / size), unit) : node.title;
}
