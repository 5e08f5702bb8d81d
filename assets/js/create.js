// Creating a passkey: at set-up, and for one's own account.

import { Failure, Panel, call, everywhere, post, signal, unfit } from "./passkey.js";

const button = document.getElementById("passkey");
const { csrf, host, next, path, setup } = button.dataset;

// The server did not take it: the password manager is not to keep it.  When
// we do not know what the server did, it stays.
function orphan(error, credential)
{
	const { key, answer } = error;

	if (key !== "already" && answer?.status >= 400 && answer.status < 500)
		signal("UnknownCredential", { rpId: host, credentialId: credential.id });
}

async function press(hints)
{
	let credential;

	if (button.getAttribute("aria-busy"))
		return;
	panel.busy(panel.words.busy);
	try {
		const { publicKey, state } = await post(`${path}/options`, csrf, { setup });

		credential = await call("create", publicKey, hints ? { hints } : {});
		const answer = await post(`${path}/verify`, csrf, { setup, state, credential });
		panel.label.textContent = panel.words.done;
		location.assign(next ?? answer.location);
	} catch (error) {
		if (!(error instanceof Failure))
			throw error;
		if (credential)
			orphan(error, credential);
		if (error.answer.location)
			location.assign(error.answer.location);
		else
			panel.show(error.key, error.answer, "create");
	}
}

const panel = new Panel(button, {
	...everywhere(host, press),
	try_other: () => press(["security-key"]),
	add_elsewhere: () => press(["hybrid"]),
	done: () => location.assign(next ?? "/"),
});

const reason = unfit();
if (reason)
	panel.show(reason, {}, "create");
else
	panel.resume();
