// In with a password or a passkey.
import { api, ask } from "../js/api.js";
import { html, useState } from "../js/html.js";
import { Link, go } from "../js/router.js";
import { begin } from "../js/session.js";
import { Button, Field } from "../js/ui.js";
import { t } from "../js/words.js";

const after = () => new URLSearchParams(location.search).get("then") ?? "/";

export default function SignIn() {
  const [error, fail] = useState(null);
  const [busy, work] = useState(null);
  const done = (answer) => {
    begin(answer);
    go(after(), { replace: true });
  };
  const trying = (how, what) => async (event) => {
    event.preventDefault();
    work(how);
    fail(null);
    try {
      done(await what(event));
    } catch (wrong) {
      if (wrong.name !== "NotAllowedError") fail(wrong); // closed by hand
    } finally {
      work(null);
    }
  };
  const byPassword = trying("password", (event) => {
    const { handle, password } = Object.fromEntries(new FormData(event.target));
    return ask(api.signIn({ body: { handle: handle.trim().replace(/^@/, ""), password } }));
  });
  const byPasskey = trying("passkey", async () => {
    const asked = await ask(api.challengePasskey({}));
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(asked);
    const credential = await navigator.credentials.get({ publicKey });
    return ask(api.signInWithPasskey({ body: { credential: credential.toJSON() } }));
  });
  return html`<div class="hero">
    <img class="mark" src="/app/icon.svg" alt="" />
    <div><h1>${t("signin.title")}</h1><p class="lead">${t("signin.lead")}</p></div>
    <form onSubmit=${byPassword}>
      <${Field} id="handle" name="handle" label=${t("handle")} autocomplete="username" autocapitalize="none" spellcheck="false" required />
      <${Field} id="password" name="password" type="password" label=${t("password")} autocomplete="current-password" required error=${error?.message} />
      <${Button} kind="primary wide" type="submit" busy=${busy === "password"}>${t("signin.do")}</${Button}>
    </form>
    ${window.PublicKeyCredential?.parseRequestOptionsFromJSON
      ? html`<${Button} kind="wide" busy=${busy === "passkey"} onClick=${byPasskey}>${t("signin.passkey")}</${Button}>`
      : null}
    <p class="faint">${t("signin.new")} <${Link} to="/join">${t("signin.join")}</${Link}></p>
  </div>`;
}
