import { dataStreamName } from '../adapters/elasticsearch/data-stream';
import { vendorCapabilities } from '../adapters/enforcers/capabilities';
import { endedProtection } from '../adapters/protection';
import { openSecretFiles, openSecretText, type SecretStanding, secretStandings } from '../adapters/secret-standing';
import { modelFindings } from '../app/doctor-model';
import type { Config, PolicyRule } from '../config';
import { detectors } from '../detect/registry';
import { isKeyAction, isReversible } from '../domain/action';
import type { CommandContext, Terminal } from '../options';
import { exitCodes } from './exit-codes';
import { loadOrExplain } from './load-config';
import { routingText, windowText } from './routing-text';

/** `keywatch check-config`: 0 and a summary, or 2 and the faults. */
export const checkConfig = (path: string, print: boolean, { terminal }: CommandContext): number => {
  if (print) return printValues(path, terminal);
  const loaded = loadOrExplain(path, terminal);
  if (loaded === undefined) return exitCodes.configuration;
  terminal.out.write(summary(path, loaded.config));
  for (const open of openSecretFiles(loaded.config)) terminal.err.write(`keywatch: ${openSecretText(open)}\n`);
  const ended = endedProtection(loaded.config, Date.now());
  if (ended !== undefined) terminal.err.write(`keywatch: ${ended}\n`);
  return exitCodes.ok;
};

/** Where each secret comes from is of use above all where one is missing: values are shown then too, beside the faults. */
const printValues = (path: string, terminal: Terminal): number => {
  const values = loadOrExplain(path, terminal, { checkFiles: false });
  if (values === undefined) return exitCodes.configuration;
  const secrets = new Map(secretStandings(values.config).map((secret) => [secret.path, secret]));
  for (const { path: name, text, origin } of values.origins) {
    const secret = secrets.get(name);
    terminal.out.write(`${name}: ${text}  # ${origin}${secret === undefined ? '' : `; ${secretText(secret)}`}\n`);
  }
  return loadOrExplain(path, terminal) === undefined ? exitCodes.configuration : exitCodes.ok;
};

const secretText = ({ place, problem }: SecretStanding): string =>
  place === '' ? (problem ?? '') : `${place}: ${problem === undefined ? 'there' : 'missing'}`;

const summary = (path: string, config: Config): string => {
  const rows: [string, string][] = [
    ['reads', sourceText(config)],
    ['format', `${config.ingest.format}; key fields hold: ${config.ingest.keyIs}`],
    ...(config.privacy.addresses === 'full'
      ? []
      : [['addresses', addressText[config.privacy.addresses]] as [string, string]]),
    ['detects', detectText(config)],
    ...modelTexts(config).map((text, i): [string, string] => [i === 0 ? 'model' : '', text]),
    ...config.policy.rules.map((rule, i): [string, string] => [i === 0 ? 'policy' : '', ruleText(rule)]),
    ['enforces', enforceText(config)],
    ['alerts to', config.alerts.map((output) => outputText(output) + routingText(output)).join(', ')],
    ...config.maintenance.map((window, i): [string, string] => [i === 0 ? 'quiet' : '', windowText(window)]),
    ['dead letters to', config.deadLetters.map(outputText).join(', ') || 'nowhere; they are counted'],
    ['state in', config.state.dir],
    ['serves', `http://${config.http.host}:${config.http.port}/livez, /readyz, /metrics`],
  ];
  const lines = rows.map(([what, text]) => `  ${what.padEnd(17)}${text}`);
  return `${path} is sound. With it, keywatch run:\n${lines.join('\n')}\n`;
};

const addressText = {
  truncate: 'kept and told as their networks only (/24, /48)',
  hash: 'kept and told as keyed hashes only',
  drop: 'told nowhere; the state keeps keyed hashes of them',
};

const sourceText = ({ source }: Config): string => {
  if (source.kind === 'stdin') return 'standard input';
  if (source.kind === 'file') return `the file ${source.path}${source.follow ? ', as it grows' : ', to its end'}`;
  const secured = [source.tls?.enabled && 'TLS', source.sasl && `SASL ${source.sasl.mechanism}`].filter(Boolean);
  const how = secured.length === 0 ? '' : ` with ${secured.join(' and ')}`;
  return `Kafka topic ${source.topic} at ${source.brokers.join(', ')}${how}, group ${source.group}, first from ${source.start}`;
};

const outputText = (output: Config['alerts' | 'deadLetters'][number]): string => {
  if (output.kind === 'kafka') return `Kafka topic ${output.topic}`;
  if (output.kind === 'elasticsearch') return `Elasticsearch ${output.nodes[0]} (${dataStreamName(output.namespace)})`;
  switch (output.kind) {
    case 'file':
      return `the file ${output.path}`;
    case 'splunk':
      return `Splunk at ${new URL(output.url).host}`;
    case 'syslog':
      return `syslog at ${output.host} over ${output.protocol.toUpperCase()}`;
    case 'webhook':
      return `the webhook at ${new URL(output.url).host}`;
    case 'chat':
      return output.style === 'slack' ? 'Slack' : 'Teams';
    case 'console':
      return `the console as ${output.style}`;
  }
};

const detectText = ({ detect }: Config): string => {
  const names = detectors.map((detector) => detector.name);
  const on = names.filter((name) => detect.detectors[name]?.enabled !== false);
  return `${on.join(', ') || 'nothing'}; a key is known after ${duration(detect.maturity)}`;
};

/** One that is left out is named too: it is no fault of the configuration. */
const modelTexts = ({ detect }: Config): readonly string[] => modelFindings({ detect }).map(({ saw }) => saw);

const ruleText = (rule: PolicyRule): string => {
  const { tiers, risk, confidence, signs, surprise, actor, facets, rule: hard } = rule.when;
  const conditions = [
    tiers && `tier ${tiers.join(' or ')}`,
    risk > 0 && `risk from ${risk}`,
    confidence > 0 && `confidence from ${confidence}`,
    signs > 0 && `${signs} signs of surprise from ${surprise}`,
    actor > 0 && `an actor of surprise from ${actor}`,
    facets && `one of ${facets.join(', ')}`,
    hard === true && 'a broken hard rule',
  ].filter((text) => typeof text === 'string');
  const ends = isKeyAction(rule.action) && isReversible(rule.action);
  const action = ends ? `${rule.action} for ${duration(rule.for)}` : rule.action;
  return `${rule.name}: ${conditions.join(', ') || 'always'} → ${action}`;
};

const enforcerText = ({ webhook, via }: Config['enforce']): string | undefined => {
  if (webhook !== undefined) return `webhook ${new URL(webhook.url).origin}`;
  if (via === undefined) return undefined;
  const whole = vendorCapabilities[via.kind].granularity === 'consumer';
  return whole ? `${via.kind}, which stops ALL keys of a consumer` : via.kind;
};

const enforceText = ({ enforce }: Config): string => {
  const where = enforcerText(enforce);
  if (enforce.mode === 'dry-run') return `DRY RUN, nothing is suspended (${where ?? 'no webhook'})`;
  const { count, share, window } = enforce.breaker;
  return `for real, through ${where ?? 'nothing'}; at most ${count} keys or ${share * 100} % of them in ${duration(window)}`;
};

const durationUnits = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['m', 60_000],
  ['s', 1_000],
] as const;

/** Milliseconds in the largest unit that keeps them whole. */
const duration = (ms: number): string => {
  const [unit, size] = durationUnits.find(([, length]) => ms >= length && ms % length === 0) ?? ['ms', 1];
  return `${ms / size}${unit}`;
};
