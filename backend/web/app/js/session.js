// Who is signed in. The access token lives in memory; the refresh token, which changes at each use, in localStorage:
// all tabs share it and take turns by a lock, so that none uses up another's.
const KEPT = "castmate.session";
const LEAD_MS = 30_000;
const watchers = new Set();
let access = null; // { token, until }
let account = read()?.account ?? null;
let refreshing = null;

function read() {
  try {
    return JSON.parse(localStorage.getItem(KEPT));
  } catch {
    return null;
  }
}

/** `{ handle, display_name, role, id }`, or null. */
export const who = () => account;

export function watch(seen) {
  watchers.add(seen);
  return () => watchers.delete(seen);
}

/** What signing up, signing in and refreshing answer. */
export function begin(answer) {
  access = { token: answer.access_token, until: Date.now() + 1000 * answer.expires_in };
  account = answer.account;
  localStorage.setItem(KEPT, JSON.stringify({ refresh: answer.refresh_token, account }));
  watchers.forEach((seen) => seen(account));
}

export function end() {
  access = null;
  account = null;
  localStorage.removeItem(KEPT);
  watchers.forEach((seen) => seen(null));
}

/** For the Authorization header; undefined for nobody. Without a network it rejects, and the session stays. */
export async function token() {
  if (access && access.until - LEAD_MS > Date.now()) return access.token;
  if (!read()) return undefined;
  refreshing ??= navigator.locks.request(KEPT, refresh).finally(() => (refreshing = null));
  await refreshing;
  return access?.token;
}

async function refresh() {
  const kept = read(); // another tab may have been here while this one waited
  if (!kept) return;
  const answer = await fetch("/v1/sessions/refresh", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ refresh_token: kept.refresh }),
  });
  if (answer.ok) begin(await answer.json());
  else if (answer.status === 401 || answer.status === 403) end();
  else throw new TypeError(`the session could not be renewed: ${answer.status}`);
}

addEventListener("storage", (event) => {
  if (event.key !== KEPT) return;
  const now = read()?.account ?? null;
  if (now?.id === account?.id) return;
  access = null;
  account = now;
  watchers.forEach((seen) => seen(account));
});
