import { safeText } from '../../adapters/terminal';
import type { Format } from '../../config';

/** Where the live log is. Texts are the operator's own. */
export type Place =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'packed' }
  | { readonly kind: 'kafka'; readonly brokers: readonly string[]; readonly topic: string };

/** Everything that the text of a configuration is made of. */
export interface Plan {
  readonly place: Place;
  readonly format: Format;
  /** How the format is known. */
  readonly reason: string;
  readonly keyField: string | undefined;
  /** How many keys stand raw in the log. */
  readonly rawKeys: number;
  /** Ranges of proxies to consider; empty where the client addresses are public. */
  readonly privateRanges: readonly string[];
}

/**
 * A text as a YAML scalar that reads back as itself: JSON is YAML, but for some characters that YAML forbids and JSON
 * lets stand.
 */
export const scalar = (text: string): string =>
  JSON.stringify(text).replace(
    /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

const sourceLines = (place: Place): string[] => {
  switch (place.kind) {
    case 'file':
      return [
        '  kind: file',
        `  path: ${scalar(place.path)}`,
        '  # It is read from its beginning, and on as it grows. Only what is added from now on:',
        '  # start: latest',
      ];
    case 'packed':
      return [
        '  # The sample is packed, and a packed file does not grow. For a live log: kind: file, path: "…".',
        '  kind: stdin',
      ];
    case 'kafka':
      return [
        '  kind: kafka',
        `  brokers: [${place.brokers.map(scalar).join(', ')}]`,
        `  topic: ${scalar(place.topic)}`,
        '  # Learn from what the topic still keeps (state.learnHistory below), and speak of what comes after it.',
        '  start: earliest',
        '  # Where the brokers ask for TLS; sasl and client certificates: docs/configuration.md.',
        '  # tls: {}',
      ];
  }
};

const pepperLines = (rawKeys: number): string[] =>
  rawKeys === 0
    ? []
    : [
        '  # Raw keys stand in the log. Only keyed hashes of them are kept, and keywatch run refuses their records until',
        '  # it has a secret for the hashes. Keep it: with another one every key is a new key.',
        '  # pepperFrom: env:KEYWATCH_PEPPER',
      ];

const proxyLines = (privateRanges: readonly string[]): string[] =>
  privateRanges.length === 0
    ? []
    : [
        '  # Clients have private addresses in the log. Where these are your proxies, name them, and the',
        '  # X-Forwarded-For that they write is believed. Name nobody else: a client may write what it likes.',
        `  # trustedProxies: [${privateRanges.map(scalar).join(', ')}]`,
      ];

const WHERE = '# What was learned is kept here, below the directory that keywatch is started in:';

/** A topic may hold months: of these nobody wants to be told at the first start. Of a file, people want to see what comes out. */
const stateLines = (place: Place): string[] =>
  place.kind === 'kafka'
    ? [
        'state:',
        '  # What lies in the topic at the first start is learned from; alerts and actions are on when that is done.',
        '  # With false, keywatch also alerts about the past.',
        '  learnHistory: true',
        `  ${WHERE}`,
        '  # dir: ./state',
      ]
    : [
        WHERE,
        '# state:',
        '#   dir: ./state',
        ...(place.kind === 'packed'
          ? []
          : [
              '#   # Learn from what the file already holds, and alert only about what comes after it:',
              '#   learnHistory: true',
            ]),
      ];

/** The configuration as YAML: what differs from the defaults, and the next steps as comments that can be uncommented. */
export const configText = (plan: Plan): string =>
  `${[
    '# Written by keywatch init. What is not named here has its default; keywatch check-config --print lists everything.',
    '# Nothing is suspended: enforce.mode is dry-run until you say otherwise.',
    'source:',
    ...sourceLines(plan.place),
    '',
    'ingest:',
    `  # ${safeText(plan.reason, 140)}`,
    `  format: ${plan.format}`,
    ...(plan.keyField === undefined ? [] : [`  keyField: ${scalar(plan.keyField)}`]),
    ...pepperLines(plan.rawKeys),
    ...proxyLines(plan.privateRanges),
    '',
    '# Alerts go to the console. Into a file as well, one ECS document a line:',
    '# alerts:',
    '#   - kind: console',
    '#   - kind: file',
    '#     path: ./out/alerts.ndjson',
    '',
    '# What could not be read, without its content:',
    '# deadLetters:',
    '#   - kind: file',
    '#     path: ./out/dead-letters.ndjson',
    '',
    ...stateLines(plan.place),
  ].join('\n')}\n`;
