import { bar, clip, durationText, grouped, type Paint, paint, safeText, table, wrap } from '../adapters/terminal';
import type { AlertDocument, Severity } from '../domain/alert';
import type { EnforcementCommand } from '../ports';
import { theftWords } from './scenario';
import type { DemoScore, TheftRow } from './score';

/** How lines are to look. */
export interface Look {
  /** Columns. */
  readonly width: number;
  readonly colour: boolean;
}

/** Where the simulation stands. Times in milliseconds UTC. */
export interface DemoStatus {
  readonly start: number;
  readonly end: number;
  /** Simulated time. */
  readonly at: number;
  readonly events: number;
  readonly keys: number;
  /** Keys whose baseline is old enough to be relied upon. */
  readonly mature: number;
  readonly alerts: number;
  readonly suspended: number;
  /** 0 where it is not known. */
  readonly eventsPerSecond: number;
}

/** A command that the receiver verified. */
export interface WebhookSeen {
  readonly id: string;
  readonly type: EnforcementCommand['type'];
  readonly key: string;
  readonly keyName: string;
  /** Simulated time, milliseconds UTC. */
  readonly at: number;
}

const words: Readonly<Record<Severity, string>> = { 21: 'low', 47: 'medium', 73: 'high', 99: 'critical' };
const weekdays = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'] as const;

/** `Mon 12 Jan 19:14`, UTC. */
export function clockText(at: number): string {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return '–';
  const month = 'JanFebMarAprMayJunJulAugSepOctNovDec'.slice(date.getUTCMonth() * 3, date.getUTCMonth() * 3 + 3);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  return `${weekdays[date.getUTCDay()]} ${day} ${month} ${date.toISOString().slice(11, 16)}`;
}

export function introLines(
  facts: { readonly keys: number; readonly days: number; readonly seed: number; readonly receiver: string },
  look: Look,
): string[] {
  const brush = paint(look.colour);
  const text =
    `A simulated fleet of ${facts.keys} API keys makes ${facts.days} days of requests (seed ${facts.seed}). keywatch first learns ` +
    'how each key is used. Then some keys are stolen. Nothing outside this machine is touched.';
  return [
    brush.bold('keywatch demo'),
    ...wrap(text, look.width),
    clip(`Suspensions go, signed, to a receiver started for the demo: ${safeText(facts.receiver, 60)}`, look.width),
    '',
  ];
}

/** The small table that is drawn anew while time passes. */
export function statusLines(status: DemoStatus, look: Look): string[] {
  const brush = paint(look.colour);
  const share = (status.at - status.start) / Math.max(1, status.end - status.start);
  const speed = status.eventsPerSecond > 0 ? `${grouped(status.eventsPerSecond)}/s` : '';
  const rows = [
    ['simulated', clockText(status.at), `${bar(share, 20)} ${Math.floor(Math.min(1, Math.max(0, share)) * 100)} %`],
    ['events', grouped(status.events), speed],
    ['keys known', grouped(status.keys), ''],
    ['with a settled past', grouped(status.mature), bar(status.keys > 0 ? status.mature / status.keys : 0, 20)],
    ['alerts', grouped(status.alerts), ''],
    ['suspended now', grouped(status.suspended), ''],
  ];
  const painted = rows.map(([name, value, rest]) => [brush.dim(name!), brush.bold(value!), rest!]);
  return [brush.dim('─'.repeat(Math.min(look.width, 64))), ...table(painted, { width: look.width, right: [1] })];
}

/** The same in one line, for output that is not redrawn. */
export function statusLine(status: DemoStatus): string {
  return (
    `${clockText(status.at)}  ${grouped(status.events)} events, ${status.keys} keys known, ` +
    `${status.mature} with a settled past, ${status.alerts} alerts, ${status.suspended} suspended`
  );
}

/** An alert as it comes: who, how serious, and the reasons in words. */
export function alertLines(alert: AlertDocument, look: Look): string[] {
  const brush = paint(look.colour);
  const { event, user, keywatch } = alert;
  const hue = brush[event.severity >= 73 ? 'red' : 'yellow'];
  const name = safeText(user?.name ?? user?.id ?? 'keywatch', 40);
  const head = `${brush.dim(clockText(Date.parse(alert['@timestamp'])))}  ${hue(brush.bold('ALERT'))}  ${brush.bold(name)}  ${words[event.severity]}, risk ${Math.round(event.risk_score)}`;
  const reasons = keywatch.evidence
    .slice(0, 3)
    .flatMap((piece) => [
      ...indent(wrap(`${piece.facet}: ${safeText(piece.saw, 140)}`, look.width - 4), '    '),
      ...indent(wrap(`usually ${safeText(piece.expected, 200)}`, look.width - 8).map(brush.dim), '        '),
    ]);
  const none = reasons.length === 0 ? indent(wrap(safeText(event.reason, 300), look.width - 4), '    ') : [];
  return [head, ...reasons, ...none].map((line) => clip(line, look.width));
}

const indent = (lines: readonly string[], by: string): string[] => lines.map((line) => by + line);

const states: Record<Exclude<WebhookSeen['type'], 'key.release.requested'>, string> = {
  'key.rate-limit.requested': 'rate limited',
  'key.step-up.requested': 'asked for a further proof',
  'key.suspend.requested': 'suspended',
  'key.revoke.requested': 'revoked',
};

/** A webhook as the receiver saw it. */
export function webhookLines(seen: WebhookSeen, look: Look): string[] {
  const brush = paint(look.colour);
  const name = safeText(seen.keyName === '' ? seen.key : seen.keyName, 40);
  const released = seen.type === 'key.release.requested';
  const deed = released ? brush.green(`${name} is released`) : brush.magenta(`${name} is ${states[seen.type]}`);
  return [
    `${brush.dim(clockText(seen.at))}  ${brush.magenta('WEBHOOK')}  ${seen.type}, signature verified: ${deed}`,
    brush.dim(`    webhook-id ${safeText(seen.id, 64)}`),
  ].map((line) => clip(line, look.width));
}

/** What was found and missed, and what it cost in false alerts. */
export function summaryLines(score: DemoScore, suspensions: number, look: Look): string[] {
  const brush = paint(look.colour);
  const rows = score.thefts.map((theft) => theftRow(theft, brush));
  const head = ['theft', 'key', 'thief in', 'result', 'after requests', 'after'].map(brush.dim);
  const rate = score.keyDays > 0 ? (1_000 * score.falseAlerts) / score.keyDays : 0;
  const facts = [
    `${score.found} of ${score.thefts.length} thefts found; ${suspensions} suspension${suspensions === 1 ? '' : 's'} delivered.`,
    `${score.falseAlerts} false alert${score.falseAlerts === 1 ? '' : 's'} on ${score.falseKeys} keys, ${rate.toFixed(0)} per 1,000 key-days; ` +
      `${score.atNewcomers} of them at one of ${score.newcomers} harmless newcomers (new machines, moves, second clients).`,
    `${score.early} alert${score.early === 1 ? '' : 's'} came earlier, while baselines formed, and ${score.early === 1 ? 'is' : 'are'} not judged.`,
    'Simulated traffic says how keywatch works, not how well it will do on yours: replay your own log to see that.',
  ];
  return [
    '',
    brush.bold('Summary'),
    ...table([head, ...rows], { width: look.width, right: [4, 5], indent: '  ' }),
    '',
    ...facts.flatMap((fact) => wrap(fact, look.width)),
  ];
}

function theftRow(theft: TheftRow, brush: Paint): string[] {
  return [
    theftWords[theft.kind],
    theft.key,
    theft.country,
    theft.found ? brush.green('found') : brush.red('missed'),
    theft.requests === undefined ? `– of ${grouped(theft.of)}` : `${grouped(theft.requests)} of ${grouped(theft.of)}`,
    theft.delayMs === undefined ? '–' : durationText(theft.delayMs),
  ];
}

export function nextLines(look: Look): string[] {
  const brush = paint(look.colour);
  const rows = [
    [brush.cyan('keywatch replay --report access.ndjson'), 'your own log, from the past; does nothing to any key'],
    [brush.cyan('keywatch run -c keywatch.yaml'), 'your Kafka, live; dry run until you say otherwise'],
    [brush.cyan('keywatch --help'), 'everything else'],
  ];
  return ['', brush.bold('Next'), ...table(rows, { width: look.width, indent: '  ' })];
}
