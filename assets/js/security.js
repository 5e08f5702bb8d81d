// The page of one's own passkeys tells the password manager which are good.

import { signal } from "./passkey.js";

const { rpId, userId, allAcceptedCredentialIds, name, displayName } =
	JSON.parse(document.getElementById("passkeys").dataset.signal);

if (window.PublicKeyCredential) {
	signal("AllAcceptedCredentials", { rpId, userId, allAcceptedCredentialIds });
	signal("CurrentUserDetails", { rpId, userId, name, displayName });
}
