// The sign-in page: the button, and autofill while the page is open.

import { Failure, Panel, call, everywhere, post, signal, unfit } from "./passkey.js";

const REFRESH = 240000;	// ms: a challenge lives five minutes

const button = document.getElementById("passkey");
const { csrf, i, to, other, host, conditional } = button.dataset;
let waiting;		// the AbortController of autofill
let timer;

const ask = (body) => post("/login/options", csrf, body);

async function finish(state, credential)
{
	panel.busy(panel.words.busy);
	try {
		const answer = await post("/login/verify", csrf, { state, credential, i, to });

		const { name, displayName, ...all } = answer.signal;
		signal("AllAcceptedCredentials", all);
		signal("CurrentUserDetails", { rpId: all.rpId, userId: all.userId, name, displayName });
		panel.label.textContent = panel.words.done;
		const here = answer.offer && await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable?.();
		location.assign(here ? answer.offer : answer.location);
	} catch (error) {
		if (error.key === "unknown_passkey")
			signal("UnknownCredential", { rpId: host, credentialId: credential.id });
		throw error;
	}
}

function failed(error)
{
	if (!(error instanceof Failure))
		throw error;
	panel.show(error.key, error.answer);
	autofill();
}

// A press: only one call may run, so autofill ends first.
async function press(hints, earlier)
{
	if (button.getAttribute("aria-busy"))
		return;
	waiting?.abort();
	panel.busy(panel.words.busy);
	try {
		const { publicKey, state } = await ask({});
		const can = await PublicKeyCredential.getClientCapabilities?.() ?? {};
		// Immediate mode wants a press on this very page.
		const how = hints ? { hints } : can.immediateGet && !earlier ? { uiMode: "immediate" } : {};

		await finish(state, await call("get", publicKey, how));
	} catch (error) {
		failed(error);
	}
}

// Offered in the field while the page is open; a new challenge every four
// minutes, and when a page that slept is looked at again.
async function autofill(first)
{
	clearTimeout(timer);
	waiting?.abort();
	if (!await PublicKeyCredential.isConditionalMediationAvailable?.())
		return;

	const own = waiting = new AbortController();
	timer = setTimeout(autofill, REFRESH);
	try {
		const { publicKey, state } = first ?? await ask({ conditional: true });
		const credential = await call("get", publicKey, { mediation: "conditional", signal: own.signal });

		clearTimeout(timer);
		await finish(state, credential);
	} catch (error) {
		// Nobody asked for it: only what the server refused is said.
		if (!own.signal.aborted && error.answer?.status)
			error.key === "expired" ? (panel.rest(), autofill()) : failed(error);
	}
}

const panel = new Panel(button, {
	...everywhere(host, press),
	phone: () => press(["hybrid"]),
	security_key: () => press(["security-key"]),
	...other && { other_ways: () => location.assign(other) },
});

const reason = unfit();
if (reason) {
	panel.show(reason);
} else if (!panel.resume() && conditional) {
	autofill(JSON.parse(conditional));
	document.addEventListener("visibilitychange", () => {
		if (!document.hidden && waiting && !button.getAttribute("aria-busy"))
			autofill();
	});
}
