// People, characters and clips by a few letters.
import { api, ask } from "../js/api.js";
import { html, useEffect, useState } from "../js/html.js";
import { Link } from "../js/router.js";
import { Empty, Face, Skeleton, Wrong, useAsked } from "../js/ui.js";
import { t } from "../js/words.js";

export default function Search() {
  const [typed, type] = useState("");
  const [q, look] = useState("");
  useEffect(() => {
    const timer = setTimeout(() => look(typed.trim()), 250);
    return () => clearTimeout(timer);
  }, [typed]);
  const [found, error, again] = useAsked(async () => (q ? ask(api.search({ params: { query: { q, limit: 12 } } })) : null), [q]);
  const empty = found && !["accounts", "characters", "videos"].some((one) => found[one]?.data.length);
  return html`<div class="page"><h1 class="visually-hidden">${t("tab.search")}</h1>
    <input class="input" type="search" aria-label=${t("search.what")} placeholder=${t("search.what")} value=${typed} onInput=${(event) => type(event.target.value)} />
    ${error ? html`<${Wrong} error=${error} again=${again} />` : !q ? html`<${Empty} icon="search" title=${t("search.title")}><p>${t("search.why")}</p></${Empty}>` : !found ? html`<${Skeleton} />` : empty ? html`<${Empty} icon="search" title=${t("search.none", { q })}></${Empty}>` : null}
    ${found?.accounts?.data.length ? html`<section><h2>${t("search.people")}</h2><ul class="list">${found.accounts.data.map((one) => html`<li key=${one.id}><${Face} handle=${one.handle} /><${Link} class="grow" to=${`/@${one.handle}`}><b>${one.display_name}</b><br /><span class="faint">@${one.handle}</span></${Link}></li>`)}</ul></section>` : null}
    ${found?.characters?.data.length ? html`<section><h2>${t("characters")}</h2><ul class="list">${found.characters.data.map((one) => html`<li key=${one.id}><${Face} handle=${one.handle} /><span class="grow"><b>${one.name}</b><br /><span class="faint">@${one.handle}</span></span></li>`)}</ul></section>` : null}
    ${found?.videos?.data.length ? html`<section><h2>${t("clips")}</h2><div class="grid">${found.videos.data.map((one) => html`<${Link} class="tile" key=${one.id} to=${`/clip/${one.id}`} aria-label=${one.caption || one.prompt}>${one.media?.thumbnail ? html`<img src=${one.media.thumbnail} alt="" loading="lazy" />` : null}</${Link}>`)}</div></section>` : null}
  </div>`;
}
