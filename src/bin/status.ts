import { size } from '../adapters/doctor/disk';
import { askStatus, type Status } from '../app/status';
import type { CommandContext } from '../options';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';

/** `keywatch status`: 0 when the process is ready, 1 when it is not or does not answer, 2 for the configuration. */
export const status = async (
  { config: path, json }: { readonly config: string; readonly json: boolean },
  context: CommandContext,
): Promise<number> => {
  const loaded = loadOrExplain(path, context.terminal, { checkFiles: false });
  if (loaded === undefined) return exitCodes.configuration;
  if (loaded.config.http.port === 0) {
    context.terminal.err.write(
      `keywatch: ${path}: http.port is 0, any free port: only the log of the process names it\n`,
    );
    return exitCodes.configuration;
  }
  const found = await askStatus(loaded.config, Date.now);
  context.terminal.out.write(json ? `${JSON.stringify(found)}\n` : statusText(found));
  return found.ready ? exitCodes.ok : exitCodes.fault;
};

/** A page for people. */
export const statusText = (found: Status): string => {
  const lines = found.down === undefined ? upLines(found) : downLines(found, found.down);
  return lines.map(([what, text]) => `${what.padEnd(18)}${text.replace(/[\x00-\x1f\x7f-\x9f]/g, '?')}\n`).join('');
};

type Line = readonly [what: string, text: string];

const checkpoint = ({ checkpointAge }: Status): Line => [
  'last checkpoint',
  checkpointAge === undefined ? 'none to be seen in the state directory' : `${span(checkpointAge / 1_000)} ago`,
];

const downLines = (found: Status, why: string): readonly Line[] => [
  ['keywatch', `does not answer at ${found.url} (${why})`],
  ['', '→ is it running? systemctl status, or the log of its container; keywatch doctor says what a start would meet'],
  checkpoint(found),
];

const upLines = (found: Status): readonly Line[] => {
  const said = (value: number | undefined, text: (known: number) => string) =>
    value === undefined ? 'not known yet' : text(value);
  const { breakerOpen, deadLetters } = found;
  return [
    [
      'keywatch',
      `${found.version ?? 'of unknown version'}, up at ${found.url}, ${found.ready ? 'ready' : 'NOT READY'}`,
    ],
    ...found.problems.map(({ part, problem }): Line => ['', `${part}: ${problem}`]),
    [
      'event time',
      said(found.eventTimeLag, (lag) => (lag < 0 ? 'ahead of this clock' : `${span(lag)} behind the clock`)),
    ],
    ['waiting records', said(found.consumerLag, number)],
    ['requests judged', said(found.events, number)],
    ['keys known', said(found.keys, number)],
    ['history', historyText(found)],
    [
      'circuit breaker',
      breakerOpen === undefined ? 'not known yet' : breakerOpen ? 'OPEN: suspensions are held' : 'closed',
    ],
    ['suspended keys', said(found.suspendedKeys, number)],
    ...found.deliveries.map(
      ({ sink, written, retried, failed }, i): Line => [
        i === 0 ? 'deliveries' : '',
        `${sink}: ${number(written)} written, ${number(retried)} tried again, ${number(failed)} failed`,
      ],
    ),
    ['outbox', said(found.outboxBytes, (bytes) => (bytes === 0 ? 'empty' : `${size(bytes)} wait for a receiver`))],
    [
      'dead letters',
      deadLetters === undefined
        ? 'not known yet'
        : `${number(deadLetters.written)} written, ${number(deadLetters.suppressed)} only counted`,
    ],
    checkpoint(found),
  ];
};

const historyText = ({ learning }: Status): string => {
  if (learning === undefined) return 'not known yet';
  const { partitions, of } = learning;
  return partitions === 0
    ? 'nothing is left to learn: alerts and actions are on'
    : `${number(partitions)} of ${number(of)} partitions LEARN from it: they alert and act once they have caught up`;
};

const number = (value: number): string => value.toLocaleString('en-US', { maximumFractionDigits: 0 });

const span = (seconds: number): string => {
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7_200) return `${Math.round(seconds / 60)} min`;
  return seconds < 172_800 ? `${Math.round(seconds / 3_600)} h` : `${Math.round(seconds / 86_400)} days`;
};
