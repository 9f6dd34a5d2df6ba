// Every word that people read comes from a catalogue: `t("feed.like", { n: 3 })`.
// A message is a text with {names}, or { one, other, … } by the plural rules of its language, chosen by `n`.
import { en } from "../messages/en.js";

const CATALOGUES = { en };
export const language = Object.keys(CATALOGUES).find((one) => navigator.language.startsWith(one)) ?? "en";
const messages = CATALOGUES[language];
const plural = new Intl.PluralRules(language);
const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto", style: "short" });
const compact = new Intl.NumberFormat(language, { notation: "compact" });
const UNITS = [["year", 31536000], ["month", 2592000], ["week", 604800], ["day", 86400], ["hour", 3600], ["minute", 60]];

export function t(key, values = {}) {
  const found = messages[key];
  if (found === undefined) throw new Error(`there is no message ${key}`);
  const text = typeof found === "string" ? found : (found[plural.select(values.n ?? 0)] ?? found.other);
  return text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** A message, or another where the catalogue has none: for codes that a newer server may send. */
export const tOr = (key, other, values) => (messages[key] === undefined ? other : t(key, values));

export const count = (number) => compact.format(number);

/** `3 hr ago`, from a date, an ISO string or seconds since 1970. */
export function since(moment) {
  const date = typeof moment === "number" ? new Date(1000 * moment) : new Date(moment);
  const seconds = (date - Date.now()) / 1000;
  const [unit, length] = UNITS.find(([, length]) => Math.abs(seconds) >= length) ?? ["minute", 60];
  return ago.format(Math.round(seconds / length), unit);
}
