// What happened to one's clips, characters and friends.
import { api, ask } from "../js/api.js";
import { html, useEffect } from "../js/html.js";
import { Link } from "../js/router.js";
import { Empty, Face, Skeleton, Wrong, useAsked } from "../js/ui.js";
import { since, t, tOr } from "../js/words.js";

export default function Inbox() {
  const [list, error, again] = useAsked(() => ask(api.listNotifications({ params: { query: { limit: 40 } } })), []);
  useEffect(() => {
    const ids = list?.data.filter((one) => !one.read_at).map((one) => one.id) ?? [];
    if (ids.length) ask(api.readNotifications({ body: { ids } })).catch(() => {});
  }, [list]);
  if (error) return html`<${Wrong} error=${error} again=${again} />`;
  return html`<div class="page"><header><h1>${t("tab.inbox")}</h1></header>
    ${!list ? html`<${Skeleton} rows=${5} />` : list.data.length === 0 ? html`<${Empty} icon="inbox" title=${t("inbox.none")}><p>${t("inbox.why")}</p></${Empty}>` : null}
    <ul class="list">${list?.data.map(notice)}</ul></div>`;
}

function notice(one) {
  const by = one.actors[0]?.handle ?? one.about.by;
  const values = { by: by ? `@${by}` : "", n: one.count, handle: one.about.handle ?? "", decision: one.about.decision ?? "" };
  const text = tOr(`notice.${one.kind}`, one.kind.replaceAll("_", " "), values);
  const video = one.about.video ?? (one.about.subject?.type === "video" ? one.about.subject.id : null);
  const body = html`<span class="grow">${text}${one.count > 1 ? ` ${t("notice.more", { n: one.count - 1 })}` : ""}<br /><span class="faint">${since(one.created_at)}</span></span>`;
  return html`<li key=${one.id}>${one.read_at ? null : html`<span class="dot" role="img" aria-label=${t("notice.new")}></span>`}<${Face} handle=${by ?? "castmate"} />${video ? html`<${Link} class="grow" to=${`/clip/${video}`}>${body}</${Link}>` : body}</li>`;
}
