import type { Client } from '../domain/observation';
import { hashText } from '../stats/hash';

const MAX_AGENT = 512;

/** Parses a user agent in linear time; only the first 512 characters count. */
export function parseClient(userAgent: string): Client {
  const text = userAgent.length > MAX_AGENT ? userAgent.slice(0, MAX_AGENT) : userAgent;
  const family = withoutVersions(text);
  const end = text.search(/[/;(,]/);
  const name = (end < 0 ? text : text.slice(0, end)).trim().slice(0, 40);
  const product = productOf(text, name);
  return { agent: hashText(text), family: hashText(family), product: hashText(product), name: product || 'no agent' };
}

/** Every run of digits, with the dots, dashes and suffix letters that belong to it, becomes `#`. */
export function withoutVersions(text: string): string {
  return text.replace(/\d[0-9A-Za-z.+~_:-]*/g, '#');
}

/** Browsers all call themselves Mozilla: the last known brand in the text is what tells them apart. */
function productOf(text: string, name: string): string {
  if (name !== 'Mozilla') return name.replace(/[\s_-]*\d.*$/, '') || name;
  for (const brand of ['Edg', 'OPR', 'Firefox', 'SamsungBrowser', 'CriOS', 'Chrome', 'Safari', 'Trident', 'MSIE']) {
    if (text.includes(brand)) return `browser ${brand}`;
  }
  return 'browser';
}
