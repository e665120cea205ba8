/** An address in a text, up to what cannot be part of one. Image references (`docker-image://alpine:3@sha256:…`) are none. */
const IN_TEXT = /\b(?:https?|ssh|git|tcp|ftps?|socks\w{0,2}):\/\/[^\s"'`<>]+/gi;

const SCHEME = /^\w{1,20}:\/\//;

const hidden = (address: string): string => `${SCHEME.exec(address)?.[0] ?? ""}…`;

/**
 * A URL as it may be shown and kept: without user, password, query and fragment, any of which may be a secret. Of a text
 * that is not a URL, the scheme alone.
 */
export function publicUrl(address: string): string {
  const url = SCHEME.test(address) && URL.parse(address);
  return url ? `${url.protocol}//${url.host}${url.pathname}` : hidden(address);
}

/** A model's source as it may be shown and kept: an address of the web may be presigned, other sources hold no secret. */
export const publicSource = (source: string): string =>
  /^https?:/i.test(source) ? publicUrl(source) : source;

/** Signs of the sentence around an address. */
const PUNCTUATION = ")]}.,;:";

/** An address without what may be a secret, with the signs after it. */
function cleaned(found: string): string {
  let end = found.length;
  while (PUNCTUATION.includes(found[end - 1] as string)) end--;
  const address = found.slice(0, end);
  const shown = URL.parse(address)
    ? address.replace(/^(\w+:\/\/)[^/?#]*@/, "$1").replace(/\?[^#]*/, "?…")
    : hidden(address);
  return shown + found.slice(end);
}

/** A text without the users, passwords and queries of the URLs in it. */
export const withoutUrlSecrets = (text: string): string => text.replace(IN_TEXT, cleaned);
