// Passkeys: the call to the browser, the calls to the server around it, and
// what a person reads when it does not work (one key a row of the list below).
// No markup is ever made of text, and no failure prints the browser's words.

const SOON = 800;	// ms: refused before a window could be seen
const LATE = 2000;	// ms before the time-out: nobody came

// Buttons of each message, in order; what they do is said by the page.
const BUTTONS = {
	already: ["add_elsewhere", "done"],
	busy: ["try_again"],
	cancelled: ["try_again", "other_ways"],
	clone: ["other_ways"],
	device: ["try_again", "other_ways"],
	disabled: [],
	domain: ["go"],
	expired: ["try_again"],
	inapp: ["copy_link"],
	insecure: ["copy_link"],
	key_old: ["try_other"],
	network: ["try_again"],
	none_here: ["phone", "security_key", "other_ways"],
	policy_kind: ["try_other"],
	policy_sync: ["try_other"],
	rate: ["other_ways"],
	server: ["try_again"],
	timeout: ["try_again", "other_ways"],
	unknown_passkey: ["try_again", "other_ways"],
	unsupported: ["other_ways"],
	uv: ["try_again"],
};

// What a browser's error means; NotAllowedError also depends on the clock.
const NAMES = {
	AbortError: "busy",
	ConstraintError: "key_old",
	InvalidStateError: "already",
	NotSupportedError: "unsupported",
	OperationError: "busy",
	SecurityError: "domain",
};

const IN_APP = /FBA[NV]|Instagram|Line\/|MicroMessenger|Snapchat|TikTok|; wv\)/;

// A failure with a key of ours; "answer" is what the server said.
export class Failure extends Error {
	constructor(key, answer = {})
	{
		super(key);
		this.key = key;
		this.answer = answer;
	}
}

// Why no ceremony can run here; undefined: it can.
export function unfit()
{
	if (!isSecureContext)
		return "insecure";
	if (!window.PublicKeyCredential)
		return IN_APP.test(navigator.userAgent) ? "inapp" : "unsupported";
}

export async function post(path, csrf, body)
{
	let reply;

	try {
		reply = await fetch(path, {
			method: "POST",
			headers: { "content-type": "application/json", "x-csrf": csrf },
			body: JSON.stringify(body),
		});
	} catch {
		throw new Failure("network");
	}
	const answer = await reply.json().catch(() => ({}));
	if (reply.ok)
		return answer;
	if (reply.status === 429)
		throw new Failure("rate", { seconds: reply.headers.get("retry-after") ?? 30 });
	throw new Failure(answer.code in BUTTONS ? answer.code : "server",
		{ ...answer, status: reply.status });
}

// ------------------------------------------------------------ the browser

const bytes = (text) => Uint8Array.from(
	atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text64 = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer)))
	.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
const named = (list) => list?.map((one) => ({ ...one, id: bytes(one.id) }));

// For browsers older than the JSON forms of Level 3.
function options(kind, json)
{
	const parse = kind === "get" ? "parseRequestOptionsFromJSON" : "parseCreationOptionsFromJSON";

	if (PublicKeyCredential[parse])
		return PublicKeyCredential[parse](json);
	return {
		...json,
		challenge: bytes(json.challenge),
		user: json.user && { ...json.user, id: bytes(json.user.id) },
		allowCredentials: named(json.allowCredentials),
		excludeCredentials: named(json.excludeCredentials),
	};
}

function result(credential)
{
	if (credential.toJSON)
		return credential.toJSON();

	const response = {};
	for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
		if (credential.response[name])
			response[name] = text64(credential.response[name]);
	if (credential.response.getTransports)
		response.transports = credential.response.getTransports();
	return {
		id: credential.id,
		rawId: text64(credential.rawId),
		type: credential.type,
		authenticatorAttachment: credential.authenticatorAttachment,
		clientExtensionResults: credential.getClientExtensionResults(),
		response,
	};
}

function failure(error, kind, elapsed, limit, pressed)
{
	if (error.name !== "NotAllowedError")
		return NAMES[error.name] ?? "device";
	if (elapsed > limit - LATE)
		return "timeout";
	if (elapsed > SOON)
		return "cancelled";
	if (kind === "get")
		return "none_here";
	return pressed === "security_key" ? "key_old" : "cancelled";
}

// One call; "how" may hold signal, mediation, uiMode, and hints (which of our
// buttons was pressed).  An AbortError of our own is thrown as it is.
export async function call(kind, json, { hints, ...how } = {})
{
	const started = performance.now();
	const publicKey = options(kind, hints ? { ...json, hints } : json);

	try {
		return result(await navigator.credentials[kind]({ publicKey, ...how }));
	} catch (error) {
		if (how.signal?.aborted)
			throw error;
		throw new Failure(failure(error, kind, performance.now() - started,
			json.timeout ?? 300000, hints?.[0].replace("-", "_")));
	}
}

// Tells the password manager, where it listens; never waited for.
export function signal(name, data)
{
	PublicKeyCredential[`signal${name}`]?.(data).catch(() => {});
}

// --------------------------------------------------------------- the page

// "{host}", and "{n, plural, one {...} other {...}}" with "#".
function fill(text, values)
{
	return text
		.replace(/\{(\w+), plural,((?: \w+ \{[^{}]*\})+)\}/, (_, name, forms) => {
			const rule = new Intl.PluralRules(document.documentElement.lang).select(values[name]);
			const all = Object.fromEntries([...forms.matchAll(/(\w+) \{([^{}]*)\}/g)].map((m) => [m[1], m[2]]));
			return (all[rule] ?? all.other).replace("#", values[name]);
		})
		.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

// A page's button and its messages.  data-messages is fetched with the first
// press, so that the words are there when something goes wrong; those for a
// lost connection are in data-words.
export class Panel {
	constructor(button, doing)
	{
		this.button = button;
		this.data = button.dataset;
		this.words = JSON.parse(this.data.words);
		this.label = button.querySelector("span");
		this.idle = this.label.textContent;
		this.doing = doing;
		this.note = document.getElementById("problem");
		button.form.addEventListener("submit", (event) => {
			if (event.submitter?.hasAttribute("formaction"))
				return;
			event.preventDefault();
			doing.press(event.submitter?.value);
		});
		addEventListener("pageshow", () => this.rest());
	}

	busy(word)
	{
		this.messages ??= fetch(this.data.messages).then((r) => r.json()).catch(() => (this.messages = undefined));
		this.label.textContent = word;
		this.button.setAttribute("aria-busy", "true");
		clearInterval(this.timer);
		this.note.replaceChildren();
	}

	rest()
	{
		this.label.textContent = this.idle;
		this.button.removeAttribute("aria-busy");
	}

	// Presses the button when it was pressed before we were here.
	resume()
	{
		const { pressed } = this.data;

		if (pressed)
			this.doing.press(pressed, true);
		return pressed;
	}

	// Seconds to wait, told aloud once; then the note goes.
	count(line, text, seconds)
	{
		const end = Date.now() + seconds * 1000;

		line.setAttribute("aria-live", "off");
		this.timer = setInterval(() => {
			const left = Math.ceil((end - Date.now()) / 1000);

			if (left > 0)
				line.textContent = fill(text ?? "", { seconds: left });
			else
				this.quiet();
		}, 1000);
	}

	quiet()
	{
		clearInterval(this.timer);
		this.note.replaceChildren();
		this.button.focus();
	}

	// Say it, and give it the focus; "kind" is "get" or "create".
	async show(key, answer = {}, kind = "get")
	{
		const messages = { ...this.words, ...await (this.messages ??
			fetch(this.data.messages).then((r) => r.json()).catch(() => ({}))) };
		const name = kind === "create" && key === "cancelled" ? "cancelled_add" : key;
		const values = { ...answer, host: this.data.host };
		const box = document.createElement("div");
		const add = (tag, text, parent = box) => {
			const node = document.createElement(tag);
			node.textContent = text;
			return parent.appendChild(node);
		};

		this.rest();
		box.className = key === "cancelled" || key === "already" ? "note" : "note danger";
		box.setAttribute("role", "alert");
		box.tabIndex = -1;
		add("b", fill(messages[`${name}.title`] ?? "", values));
		add("p", fill(messages[`${name}.text`] ?? "", values));
		if (key === "server" && answer.reference)
			add("p", fill(messages.reference ?? "", { reference: answer.reference.slice(0, 8) }));
		const row = add("div", "");
		row.className = "actions";
		for (const what of BUTTONS[key].filter((b) => this.doing[b])) {
			const press = add("button", fill(messages[what] ?? this.idle, values), row);
			press.className = "button";
			press.type = "button";
			press.addEventListener("click", () => this.doing[what](press, messages));
		}
		clearInterval(this.timer);
		if (key === "rate")
			this.count(box.querySelector("p"), messages["rate.text"], Number(values.seconds));
		this.note.replaceChildren(box);
		this.button.hidden = ["insecure", "unsupported", "inapp", "domain"].includes(key);
		box.focus();
	}
}

// Hints for the browser, out of the value of a button.
const hinted = (value = "any") => value === "any" ? undefined : value.split(",");

// What buttons do on every page; "press" takes hints, and whether the press
// was made on the page before.
export const everywhere = (host, press) => ({
	press: (value, earlier) => press(hinted(value), earlier),
	try_again: () => press(),
	async copy_link(press, messages)
	{
		const link = location.href.replace(/^http:/, "https:");

		try {
			await navigator.clipboard.writeText(link);
			press.textContent = messages.copied;
		} catch {
			press.replaceWith(Object.assign(document.createElement("input"), { value: link, readOnly: true }));
		}
	},
	go()
	{
		location.href = `https://${host}${location.pathname}${location.search}`;
	},
});
