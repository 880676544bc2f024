/** A value that is typed, and the URL's copy of it that follows: what came from the hand is not taken back by its own echo. */

export interface Typed {
  /** The value that the URL had when this was last looked at. */
  seen: string;
  value: string;
  /** What is on its way into the URL, oldest first. */
  sent: string[];
}

export const startTyped = (url: string): Typed => ({ seen: url, value: url, sent: [] });

export function typed(own: Typed, value: string): Typed {
  return { ...own, value, sent: value === own.seen ? [] : [...own.sent, value] };
}

/** The URL has changed: an echo of what was sent leaves the value; anything else (back, a link) is the new value. */
export function followed(own: Typed, url: string): Typed {
  if (own.seen === url) return own;
  const at = own.sent.indexOf(url);
  return at < 0 ? startTyped(url) : { ...own, seen: url, sent: own.sent.slice(at + 1) };
}

/** Letters on their way; a fast hand under a slow page is some twenty ahead; each is kept with what it came after. */
const SENT_MAX = 128;

/**
 * The same where typing replaces the entry of the history: what was typed before is then no place to go back to, so that
 * whatever was sent, or stood there before, is an echo, in any order. (A page that is drawn while its address changes can see an older one again.)
 */
export function typedOver(own: Typed, value: string): Typed {
  return { ...own, value, sent: [...own.sent, own.seen, value].slice(-SENT_MAX) };
}

export function followedOver(own: Typed, url: string): Typed {
  if (own.seen === url) return own;
  return own.sent.includes(url) ? { ...own, seen: url } : startTyped(url);
}
