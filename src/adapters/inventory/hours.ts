import { weekdays } from '../../domain/inventory';

/** `mon-fri 08:00-18:00 Europe/Berlin`; days as a range, or a list with commas. Throws with a reason. */
export function hoursOf(value: unknown): { zone: string; days: string[]; from: string; to: string } {
  const match = typeof value === 'string' ? /^(\S{3,40}) (\d\d:\d\d)-(\d\d:\d\d) (\S{1,64})$/.exec(value.trim()) : null;
  if (match === null) throw new Error('expected a text such as mon-fri 08:00-18:00 Europe/Berlin');
  const [, days, from, to, zone] = match;
  return { zone, days: days.toLowerCase().split(',').flatMap(daysOf), from, to };
}

function daysOf(part: string): string[] {
  const days: readonly string[] = weekdays;
  const [first, last = first] = part.split('-');
  const from = days.indexOf(first);
  const to = days.indexOf(last);
  if (from < 0 || to < 0) throw new Error('expected days such as mon-fri or sat,sun');
  return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, i) => weekdays[(from + i) % 7]);
}
