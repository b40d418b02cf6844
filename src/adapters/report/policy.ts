import type { KeyAction } from '../../domain/action';
import type { Acted } from '../../enforce/act-out';
import { differs, type KeyComparison, type PolicyComparison, type PolicyTotals } from '../../enforce/compare';
import { clip, durationText, grouped, type Paint, paint, safeText, wrap } from '../terminal';
import { many, minute } from './words';

export interface PolicyAbout {
  readonly events: number;
  /** First and last event time, milliseconds UTC; undefined when there was no event. */
  readonly from: number | undefined;
  readonly until: number | undefined;
}

/** Keys that are shown in full. */
const MOST = 50;
/** Actions of one policy that are shown of one key. */
const MOST_ACTIONS = 5;

const done: Record<KeyAction, string> = {
  'rate-limit': 'rate limited',
  'step-up': 'asked for a further proof',
  suspend: 'suspended',
  revoke: 'revoked',
};

/** A page for people: totals of both policies, then the keys on which they differ. Ends with a line feed. */
export function policyText(
  comparison: PolicyComparison,
  about: PolicyAbout,
  style: { readonly width: number; readonly colour: boolean },
): string {
  const width = Math.max(40, style.width);
  const brush = paint(style.colour);
  const differing = comparison.keys.filter(differs);
  const alike = comparison.keys.length - differing.length;
  const lines = [
    brush.bold('keywatch replay --policy: what each policy would have done'),
    about.from === undefined
      ? 'no usage event was found'
      : `${many(about.events, 'event')} from ${minute(about.from)} to ${minute(about.until ?? about.from)} UTC`,
    '',
    ...hanging('present ', totals(comparison.present), width),
    ...hanging('proposed', totals(comparison.proposed), width),
    '',
    ...(differing.length === 0 ? ['The two act on the same keys at the same times.'] : []),
    ...differing.slice(0, MOST).flatMap((key) => [...keyBlock(key, brush, width), '']),
    ...(differing.length > MOST ? [`and ${many(differing.length - MOST, 'key')} more that differ, not shown`] : []),
    ...(alike > 0 ? [`${many(alike, 'key')} treated alike`] : []),
    ...wrap(assumptions, width).map(brush.dim),
  ];
  return `${lines.map((line) => clip(line, width)).join('\n')}\n`;
}

const assumptions =
  'Rails are acted out but for dry run, lag and data quality; a breaker is thought closed by a person after one window, and a receiver to answer at once. What a thief did while suspended is still in the log.';

const hanging = (title: string, text: string, width: number): string[] =>
  wrap(text, Math.max(20, width - title.length - 2)).map(
    (line, i) => `${i === 0 ? title : ' '.repeat(title.length)}  ${line}`,
  );

function totals({ keys, actions, duration, held, opened }: PolicyTotals): string {
  const rails = held.map(([rail, count]) => `${grouped(count)} ${rail}`).join(', ');
  return [
    `${many(keys, 'key')} acted on, ${many(actions, 'action')}, ${durationText(duration)} in all`,
    ...(rails === '' ? [] : [`held: ${rails}`]),
    ...(opened === 0 ? [] : [`the breaker opened ${many(opened, 'time')}`]),
  ].join('; ');
}

function keyBlock({ key, keyName, present, proposed }: KeyComparison, brush: Paint, width: number): string[] {
  const name = keyName === '' || keyName === key ? '' : ` (${safeText(keyName, 64)})`;
  return [
    `${brush.bold(safeText(key, 96))}${name}`,
    ...side('present ', present, brush, width),
    ...side('proposed', proposed, brush, width),
  ];
}

function side(title: string, acted: readonly Acted[], brush: Paint, width: number): string[] {
  if (acted.length === 0) return [`  ${title}  ${brush.dim('nothing')}`];
  const lines = acted
    .slice(0, MOST_ACTIONS)
    .flatMap(({ request, action, from, until }, i) => [
      `  ${i === 0 ? title : ' '.repeat(title.length)}  ${done[action]} ${minute(from)}, ${
        until === undefined ? 'for good' : `for ${durationText(until - from)}`
      }, by ${safeText(request.rule, 64)} at risk ${Math.round(request.risk)}`,
      ...wrap(safeText(request.reason, 300), Math.max(20, width - 14)).map(
        (line) => `${' '.repeat(14)}${brush.dim(line)}`,
      ),
    ]);
  const rest = acted.length - MOST_ACTIONS;
  return rest > 0 ? [...lines, `${' '.repeat(12)}and ${many(rest, 'action')} more`] : lines;
}

const iso = (ms: number | undefined) => (ms === undefined ? null : new Date(ms).toISOString());

const actedJson = ({ request, action, from, until }: Acted) => ({
  action,
  from: iso(from),
  until: iso(until),
  rule: request.rule,
  risk: request.risk,
  reason: request.reason,
  incident: request.incidentId,
  request: request.id,
});

/** The whole comparison as plain data; durations in milliseconds. */
export const policyJson = ({ keys, present, proposed }: PolicyComparison, about: PolicyAbout) => ({
  events: about.events,
  from: iso(about.from),
  until: iso(about.until),
  present: { ...present, held: Object.fromEntries(present.held) },
  proposed: { ...proposed, held: Object.fromEntries(proposed.held) },
  keys: keys.map((one) => ({
    key: one.key,
    name: one.keyName,
    tenant: one.tenant,
    differs: differs(one),
    present: one.present.map(actedJson),
    proposed: one.proposed.map(actedJson),
  })),
});
