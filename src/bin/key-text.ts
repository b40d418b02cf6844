import { safeText } from '../adapters/terminal';
import type { KeyVerb } from './commands/key';

type Body = Readonly<Record<string, unknown>>;
type Line = readonly [what: string, text: string];

const MAX = 400;

/** An answer of the API as a page for people. Whatever it holds came from strangers: nothing of it reaches the terminal as it is. */
export const keyText = (verb: KeyVerb, answer: unknown): string => {
  const body = record(answer);
  const lines = verb === 'show' ? shown(body) : done(verb, body);
  return lines.map(([what, text]) => `${what.padEnd(14)}${safeText(text, MAX)}\n`).join('');
};

const record = (value: unknown): Body => (typeof value === 'object' && value !== null ? (value as Body) : {});
const list = (value: unknown): readonly Body[] => (Array.isArray(value) ? value.map(record) : []);
const words = (value: unknown): string => (Array.isArray(value) ? value.map(String).join(', ') : String(value ?? ''));

function standingText(value: unknown): string {
  const { state, until, stage, rail, by } = record(value);
  const more = [
    until === undefined ? '' : `until ${until}`,
    stage === undefined ? '' : String(stage),
    rail === undefined ? '' : `held by ${rail}`,
    by === undefined ? '' : `by ${by}`,
  ].filter((text) => text !== '');
  return [String(state ?? 'unknown'), ...more].join(', ');
}

function shown(body: Body): readonly Line[] {
  const past = record(body.baseline);
  const known = record(past.known);
  const perDay = record(past.requests_per_day);
  const declared = record(body.declared);
  const incidents = list(body.incidents);
  const lines: Line[] = [
    [
      'key',
      `${body.id}${body.name === body.id ? '' : `, ${body.name}`}${body.tenant === '' ? '' : `, of ${body.tenant}`}`,
    ],
    ['standing', standingText(body.standing)],
  ];
  if (body.baseline !== undefined) {
    lines.push(
      [
        'known since',
        `${past.since}, ${past.active_days} days in use, ${past.events} requests, confidence ${past.confidence}`,
      ],
      ['known', `${known.networks} networks, ${known.countries} countries, ${known.clients} clients`],
      ['usual', `${words(past.usual_countries)}; ${words(past.usual_hours)} UTC`],
    );
    if (perDay.usual !== undefined) lines.push(['a day', `${perDay.usual} requests, at most ${perDay.most}`]);
  }
  if (declared.owner !== undefined) lines.push(['owner', String(declared.owner)]);
  for (const { facet, until, by, feedback_id } of list(body.mutes))
    lines.push(['muted', `${facet} until ${until} by ${by} (feedback ${feedback_id})`]);
  if (incidents.length === 0) lines.push(['incidents', 'none']);
  for (const { id, state, opened, severity, reason } of incidents)
    lines.push(['incident', `${id} ${state}, ${opened}, severity ${severity}: ${reason}`]);
  return lines;
}

function done(verb: KeyVerb, body: Body): readonly Line[] {
  if (verb === 'expect') return [['expected', `${words(body.facets)} of ${body.key} until ${body.until}`]];
  if (verb !== 'feedback')
    return [
      ['key', String(body.key)],
      ['standing', standingText(body.standing)],
      ['requests', words(body.requests)],
    ];
  const said = body.feedback === undefined ? body : record(body.feedback);
  const until = said.until === undefined ? '' : ` until ${said.until}`;
  const back = said.withdrawn === undefined ? '' : ', taken back';
  const requests = words(body.requests);
  return [
    ['feedback', `${said.id}: ${said.verdict}${said.facet === undefined ? '' : ` ${said.facet}${until}`}${back}`],
    ...(requests === '' ? [] : [['requests', requests] as Line]),
  ];
}
