// "Copy" beside a value: into the clipboard, or marked for the keys where
// there is none to write to.

for (const button of document.querySelectorAll("[data-copy]")) {
	button.addEventListener("click", async () => {
		const field = document.getElementById(button.dataset.copy);
		const status = document.getElementById("copied");

		field.focus();
		field.select();
		try {
			await navigator.clipboard.writeText(field.value);
			status.textContent = button.dataset.done;
		} catch {
			status.textContent = button.dataset.keys;
		}
	});
}
