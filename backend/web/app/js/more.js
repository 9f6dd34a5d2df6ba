// What else can be done with a clip: less of it, its family, a report.
import { api, ask } from "./api.js";
import { html, useState } from "./html.js";
import { Icon } from "./icons.js";
import { Link } from "./router.js";
import { Button, Sheet, toast } from "./ui.js";
import { t } from "./words.js";

const REASONS = [
  "likeness_without_consent", "non_consensual_intimate", "child_safety", "sexual", "violence", "harassment", "hate", "self_harm",
  "impersonation", "misleading", "scam_or_spam", "copyright", "deceased_or_public_figure", "other",
];

export function More({ item, at, onGone, onClose }) {
  const [reporting, report] = useState(false);
  const less = async () => {
    try {
      const given = await ask(api.giveFeedback({ body: { kind: "less_like_this", video_id: item.video.id } }));
      onGone?.();
      toast(t("less.done"), () => ask(api.takeBackFeedback({ params: { path: { feedback_id: given.id } } })).catch(() => {}));
    } catch (error) {
      toast(error.message);
    }
    onClose();
  };
  if (reporting) return html`<${Report} item=${item} at=${at} onGone=${onGone} onClose=${onClose} />`;
  return html`<${Sheet} title=${t("more")} onClose=${onClose}>
    <button class="choice" type="button" onClick=${less}><${Icon} name="less" />${t("less")}</button>
    <${Link} class="choice" to=${`/clip/${item.video.id}`}><${Icon} name="remix" />${t("clip.open")}</${Link}>
    <button class="choice" type="button" onClick=${() => report(true)}><${Icon} name="flag" />${t("report")}</button>
    <p class="faint">${t("ai.label")}</p>
  </${Sheet}>`;
}

function Report({ item, at, onGone, onClose }) {
  const [reason, choose] = useState(null);
  const [comment, write] = useState("");
  const [busy, work] = useState(false);
  const send = async () => {
    work(true);
    try {
      const subject = { type: "video", id: item.video.id };
      await ask(api.createReport({ body: { subject, reason, comment, at_s: Math.round(10 * at) / 10 } }));
      toast(t("report.done"));
      onGone?.();
      onClose();
    } catch (error) {
      toast(error.message);
      work(false);
    }
  };
  const actions = html`<${Button} kind="primary wide" busy=${busy} disabled=${!reason} onClick=${send}>${t("report.send")}</${Button}>`;
  return html`<${Sheet} title=${t("report.why")} onClose=${onClose} actions=${actions}>
    <div role="radiogroup" aria-label=${t("report.why")}>
      ${REASONS.map(
        (one) => html`<label class="choice"><input type="radio" name="reason" value=${one} checked=${reason === one} onChange=${() => choose(one)} />${t(`reason.${one}`)}</label>`,
      )}
    </div>
    <textarea class="input" aria-label=${t("report.words")} placeholder=${t("report.words")} maxlength="1000" value=${comment} onInput=${(event) => write(event.target.value)}></textarea>
  </${Sheet}>`;
}
