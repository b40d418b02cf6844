import type { ReportPage, Sheet } from '../../adapters/report/page';
import { many, minute, surpriseInWords } from '../../adapters/report/words';
import { durationText, grouped } from '../../adapters/terminal';
import type { KeyFacts } from '../../domain/inventory';
import type { StoredIncident } from '../../enforce/incidents';
import type { Case } from '../../report/case';
import { moveOf } from '../../report/moves';
import type { Acted, Found } from './find';

/** Everything that the report of one key or incident tells. Times in milliseconds. */
export interface CaseFile extends Found {
  readonly incident: StoredIncident | undefined;
  readonly facts: KeyFacts | undefined;
  readonly acted: readonly Acted[];
  /** When the use of the key should have ended, and who says so. */
  readonly since: number | undefined;
  readonly sinceIs: 'given' | 'suspension' | 'incident' | undefined;
  readonly case: Case;
  /** Ids of the keys that replace it. */
  readonly successors: readonly string[];
  /** Clients that still use the key. */
  readonly left: number;
}

export function incidentPage(file: CaseFile): ReportPage {
  return {
    title: `Incident on ${file.key}`,
    notes: notesOf(file),
    sheets: [clientSheet(file), rotateSheet(file), routeSheet(file), timeline(file), hourSheet(file), evidence(file)],
  };
}

function notesOf({ incident, incidents, facts, by, case: what, since, sinceIs, successors, left }: CaseFile): string[] {
  const { touched, key, beyond, from, until } = what;
  const suspects = what.clients.filter(({ suspect }) => suspect);
  const lost = beyond.clients + beyond.routes + beyond.hours + beyond.keys;
  return [
    `Log from ${minute(from)} to ${minute(until)}: ${many(key.requests, 'request')} with this key.`,
    `Owner: ${facts?.owner ?? 'not declared'}.`,
    incident === undefined
      ? 'No incident is known, and judging the log once more opens none: no thief is named.'
      : `${incident.document.event.reason} Risk ${incident.document.event.risk_score}, opened ${minute(incident.openedAt)}, ${incident.state}${by === 'replay' ? '; found by judging the log once more' : ''}.`,
    ...(incident !== undefined && incidents.length > 1
      ? [`${many(incidents.length - 1, 'other incident')} on this key: their actors are suspects too.`]
      : []),
    ...(incident !== undefined && suspects.length === 0
      ? ['The evidence is about the key as a whole: no actor is named.']
      : []),
    ...(suspects.length === 0
      ? []
      : [
          `Blast radius: ${many(touched.requests, 'request')} of ${many(suspects.length, 'suspected actor')}, ${grouped(touched.succeeded)} succeeded, ${grouped(touched.writes)} of them writing; ${many(what.routes.length, 'route')}, ${many(touched.paths, 'path')}, ${grouped(touched.bytes)} bytes sent, in ${durationText(touched.last - touched.first)}.`,
        ]),
    ...(since === undefined
      ? []
      : [
          `The key should not have been used since ${minute(since)} (${sinceWords[sinceIs!]}): ${left === 0 ? 'no client is left that uses it' : `${many(left, 'client')} left to move`}${successors.length === 0 ? '; no successor is declared' : ` to ${successors.slice(0, 5).join(', ')}`}.`,
        ]),
    ...(lost > 0 ? [`${many(lost, 'request')} beyond the bounds of this report are counted and not shown.`] : []),
  ];
}

const sinceWords = {
  given: 'as --since says',
  suspension: 'its suspension',
  incident: 'the incident; no suspension is known',
} as const;

function clientSheet({ incident, case: { clients, until }, since }: CaseFile): Sheet {
  const thief = incident?.document.keywatch.actor;
  return {
    name: 'clients',
    title: 'Who uses the key',
    columns: [
      'actor',
      'who',
      'network',
      'client',
      'countries',
      'requests',
      'denied',
      'first',
      'last',
      'requests since',
      'move',
    ],
    rows: clients.map((c) => [
      c.actor,
      !c.suspect ? '' : c.actor === thief ? 'thief' : 'suspect',
      c.network,
      c.client,
      [...c.countries].join(' '),
      c.requests,
      c.denied,
      minute(c.first),
      minute(c.last),
      c.after,
      c.suspect || since === undefined ? '' : moveOf(c, until),
    ]),
  };
}

function rotateSheet({ key, case: { otherKeys, clients }, successors }: CaseFile): Sheet {
  const own = clients.some(({ suspect }) => suspect) ? 'a suspected actor has it' : 'the key that was asked about';
  const others = [...otherKeys].map(([id, { requests, succeeded, first }]) => [
    id,
    `${successors.includes(id) ? 'its successor: ' : ''}a suspected actor used it from ${minute(first)} on`,
    requests,
    succeeded,
  ]);
  return {
    name: 'rotate',
    title: 'What to rotate',
    columns: ['key', 'why', 'requests', 'succeeded'],
    rows: [[key, own, ...ownCounts(clients)], ...others],
  };
}

function ownCounts(clients: Case['clients']): readonly number[] {
  const suspects = clients.filter(({ suspect }) => suspect);
  return [sum(suspects.map(({ requests }) => requests)), sum(suspects.map(({ succeeded }) => succeeded))];
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

function routeSheet({ case: { routes } }: CaseFile): Sheet {
  return {
    name: 'routes',
    title: 'What the suspects touched',
    columns: ['route', 'requests', 'succeeded', 'denied', 'bytes', 'first', 'last', 'nobody else'],
    rows: routes.map((r) => [
      r.route,
      r.requests,
      r.succeeded,
      r.denied,
      r.bytes,
      minute(r.first),
      minute(r.last),
      r.alone ? 'yes' : '',
    ]),
  };
}

function timeline({ incidents, acted, since, sinceIs, case: { key, clients, touched, from } }: CaseFile): Sheet {
  const moments: [number, string][] = [
    [from, 'the log begins'],
    [key.first, 'first request with the key'],
    [key.last, 'last request with the key'],
    ...clients
      .filter(({ suspect }) => suspect)
      .flatMap((c): [number, string][] => [
        [c.first, `first request of ${c.actor} from ${c.network}`],
        [c.last, `last request of ${c.actor}`],
      ]),
    ...incidents.map((i): [number, string] => [
      i.openedAt,
      `incident ${i.id} opened, risk ${i.document.event.risk_score} by now`,
    ]),
    ...acted.map((a): [number, string] => [a.at, `${a.action}: ${a.state}${a.by === '' ? '' : ` by ${a.by}`}`]),
  ];
  if (sinceIs === 'given') moments.push([since!, 'the key should not be used any more']);
  if (touched.requests > 0) moments.push([touched.last, 'last request of any suspect']);
  const rows = moments.sort(([a], [b]) => a - b).map(([at, what]) => [minute(at), what]);
  return { name: 'timeline', title: 'Timeline', columns: ['time', 'what'], rows };
}

function hourSheet({ case: { hours } }: CaseFile): Sheet {
  return {
    name: 'hours',
    title: 'Requests of the suspects by hour',
    columns: ['hour', 'requests', 'denied'],
    rows: hours.map(({ start, requests, denied }) => [minute(start), requests, denied]),
  };
}

function evidence({ incidents }: CaseFile): Sheet {
  return {
    name: 'evidence',
    title: 'Evidence',
    columns: ['incident', 'detector', 'saw', 'expected', 'how surprising'],
    rows: incidents.flatMap(({ id, document }) =>
      document.keywatch.evidence.map((piece) => [
        id,
        piece.detector,
        piece.saw,
        piece.expected,
        surpriseInWords(piece),
      ]),
    ),
  };
}
