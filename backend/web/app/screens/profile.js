// Somebody, or oneself: who they are, whom they know, what they made.
import { api, ask } from "../js/api.js";
import { html, useState } from "../js/html.js";
import { Icon } from "../js/icons.js";
import { Link } from "../js/router.js";
import { who } from "../js/session.js";
import { Button, Empty, Face, IconButton, Skeleton, Wrong, toast, useAsked } from "../js/ui.js";
import { count, t } from "../js/words.js";

export default function Profile({ handle = who().handle }) {
  const mine = handle === who().handle;
  const path = { handle };
  const [found, error, again] = useAsked(async () => {
    const query = { limit: 30 };
    const [account, clips, cast] = await Promise.all([
      ask(api.getAccount({ params: { path } })),
      mine ? ask(api.listVideos({ params: { query } })) : ask(api.listAccountVideos({ params: { path, query } })),
      mine ? ask(api.listCharacters({ params: { query } })) : ask(api.listAccountCharacters({ params: { path, query } })),
    ]);
    return { account, clips: clips.data, cast: cast.data };
  }, [handle]);
  if (error) return html`<${Wrong} error=${error} again=${again} />`;
  if (!found) return html`<${Skeleton} />`;
  const { account, clips, cast } = found;
  return html`<div class="page">
    <header><div class="row"><${Face} handle=${account.handle} size=${72} picture=${account.profile?.avatar?.url} /><div><h1>${account.display_name}</h1><p class="faint">@${account.handle}</p></div></div>
      ${mine ? html`<${Link} to="/settings" class="icon-button" aria-label=${t("settings")}><${Icon} name="gear" /></${Link}>` : null}</header>
    ${account.profile?.bio ? html`<p>${account.profile.bio}</p>` : null}
    <p class="numbers"><span><b>${count(account.friend_count)}</b> ${t("friends")}</span><span><b>${count(account.followers)}</b> ${t("followers")}</span><span><b>${count(account.following)}</b> ${t("following")}</span></p>
    ${mine ? html`<${Invites} />` : html`<${Bond} account=${account} />`}
    ${cast.length ? html`<section><h2>${t("characters")}</h2><ul class="list">${cast.map((one) => html`<li key=${one.id}><${Face} handle=${one.handle} /><span class="grow"><b>${one.name}</b><br /><span class="faint">@${one.handle} · ${t(`audience.${one.audience}`)}</span></span>
      ${one.state === "ready" ? html`<${Link} class="chip" to="/make" onClick=${() => sessionStorage.setItem("castmate.draft", `@${one.handle} `)}>${t("cast.make")}</${Link}>` : html`<span class="chip">${t(`state.${one.state}`)}</span>`}</li>`)}</ul></section>` : null}
    <h2>${t("clips")}</h2>
    ${clips.length ? html`<div class="grid">${clips.map(tile)}</div>` : html`<${Empty} icon="play" title=${t(mine ? "clips.none.mine" : "clips.none")}></${Empty}>`}
  </div>`;
}

const tile = (one) => html`<${Link} class="tile" key=${one.id} to=${one.status && one.status !== "completed" ? `/making/${one.id}` : one.published_at ? `/clip/${one.id}` : `/making/${one.id}`} aria-label=${one.caption || one.credits_line || one.prompt || t("clips")}>
  ${one.media?.thumbnail ? html`<img src=${one.media.thumbnail} alt="" loading="lazy" />` : null}
  <span>${one.likes === undefined ? (one.published_at ? "" : t(one.status === "completed" || !one.status ? "draft" : `status.${one.status}`)) : html`<${Icon} name="heart" filled size=${14} />${count(one.likes)}`}</span></${Link}>`;

function Bond({ account }) {
  const [bond, know] = useState(account);
  const path = { handle: account.handle };
  const change = async () => {
    try {
      know(await ask(bond.you_follow ? api.unfollowAccount({ params: { path } }) : api.followAccount({ params: { path } })));
    } catch (error) {
      toast(error.message);
    }
  };
  return html`<div class="row"><${Button} kind=${bond.you_follow ? "plain" : "primary"} onClick=${change}>${t(bond.friends ? "bond.friends" : bond.you_follow ? "bond.following" : "bond.follow")}</${Button}>
    ${bond.follows_you && !bond.friends ? html`<span class="faint">${t("bond.follows_you")}</span>` : null}</div>`;
}

function Invites() {
  const [list] = useAsked(() => ask(api.listInvites({ params: { query: { limit: 10 } } })), []);
  const free = list?.data.filter((one) => !one.revoked_at && one.uses < one.max_uses) ?? [];
  if (!free.length) return null;
  const send = async () => {
    const { url } = free[0];
    if (navigator.share) await navigator.share({ url, text: t("invite.text") }).catch(() => {});
    else {
      await navigator.clipboard.writeText(url);
      toast(t("share.copied"));
    }
  };
  return html`<div class="card"><div class="row spread"><div><b>${t("invite.title")}</b><p class="faint">${t("invite.left", { n: free.length })}</p></div><${Button} kind="primary" onClick=${send}>${t("invite.do")}</${Button}></div></div>`;
}
