// From an invitation to a first look around.
import { api, ask } from "../js/api.js";
import { html, useEffect, useState } from "../js/html.js";
import { Link, go } from "../js/router.js";
import { begin } from "../js/session.js";
import { Button, Face, Field } from "../js/ui.js";
import { t } from "../js/words.js";

const FIELDS = new Set(["invite_code", "handle", "display_name", "password", "birth_date"]);

export default function Join({ code = "" }) {
  const [offer, know] = useState(null);
  const [error, fail] = useState(null);
  const [busy, work] = useState(false);
  useEffect(() => {
    if (code) ask(api.getInvite({ params: { path: { code } } })).then(know, () => {});
  }, [code]);
  const at = (name) => (error && (error.param === name || CODES[error.code] === name) ? error.message : undefined);
  const join = async (event) => {
    event.preventDefault();
    work(true);
    fail(null);
    const sent = Object.fromEntries(new FormData(event.target));
    try {
      begin(await ask(api.signUp({ body: { ...sent, handle: sent.handle.trim().replace(/^@/, ""), invite_code: sent.invite_code.trim() } })));
      go("/", { replace: true });
    } catch (wrong) {
      fail(wrong);
    } finally {
      work(false);
    }
  };
  const elsewhere = error && !FIELDS.has(error.param) && !CODES[error.code];
  return html`<div class="hero">
    ${offer?.inviter
      ? html`<div class="row"><${Face} handle=${offer.inviter.handle} size=${56} /><p class="lead"><b>${offer.inviter.display_name}</b> ${t("join.invites")}</p></div>`
      : html`<img class="mark" src="/app/icon.svg" alt="" />`}
    <div><h1>${t("join.title")}</h1><p class="lead">${offer && !offer.good ? t("join.over") : t("join.lead")}</p></div>
    <form onSubmit=${join}>
      <${Field} id="invite_code" name="invite_code" label=${t("join.code")} value=${code} required autocomplete="off" autocapitalize="characters" error=${at("invite_code")} />
      <${Field} id="display_name" name="display_name" label=${t("join.name")} required autocomplete="name" error=${at("display_name")} />
      <${Field} id="handle" name="handle" label=${t("handle")} hint=${t("join.handle")} required autocomplete="username" autocapitalize="none" spellcheck="false" error=${at("handle")} />
      <${Field} id="birth_date" name="birth_date" type="date" label=${t("join.birth")} hint=${t("join.why")} required autocomplete="bday" error=${at("birth_date")} />
      <${Field} id="password" name="password" type="password" label=${t("password")} hint=${t("join.password")} required minlength="10" autocomplete="new-password" error=${at("password")} />
      ${elsewhere ? html`<p class="error" role="alert">${error.message}</p>` : null}
      <${Button} kind="primary wide" type="submit" busy=${busy}>${t("join.do")}</${Button}>
    </form>
    <p class="faint">${t("join.have")} <${Link} to="/sign-in">${t("signin.do")}</${Link}></p>
  </div>`;
}

const CODES = {
  handle_taken: "handle",
  invite_unknown: "invite_code",
  invite_spent: "invite_code",
  invite_needed: "invite_code",
  too_young: "birth_date",
};
