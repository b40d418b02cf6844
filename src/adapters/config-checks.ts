import { accessSync, constants } from 'node:fs';
import { isIP } from 'node:net';
import { actionFindings } from './config-actions';
import { apiFindings } from './config-api';
import { elasticsearchFindings } from './config-elasticsearch';
import { enforcerFindings } from './config-enforcer';
import type { Finding } from './config-faults';
import { inboundFindings } from './config-inbound';
import { mappingFindings } from './config-mapping';
import { outputFindings } from './config-outputs';
import { routingFindings } from './config-routing';
import { isMap, maps, ms, type Path, pathText, valueAt, visitLeaves } from './config-shape';
import { stateFindings } from './config-state';
import { nearest } from './nearest';
import { secretProblem } from './secrets';

/**
 * What no single field can tell. The checks read the document as written and skip what has the wrong type, so that they
 * speak up beside the schema's faults and not only once those are gone. Values not given are taken at their defaults.
 */
export const crossFindings = (document: unknown): Finding[] => [
  ...policyFindings(document),
  ...enforceFindings(document),
  ...enforcerFindings(document),
  ...actionFindings(document),
  ...ingestFindings(document),
  ...mappingFindings(document),
  ...placeFindings(document),
  ...loopFindings(document),
  ...routingFindings(document),
  ...elasticsearchFindings(document),
  ...outputFindings(document),
  ...apiFindings(document),
  ...inboundFindings(document),
  ...stateFindings(document),
];

/** Secrets and files that must be there: only where the process is to run with this configuration. */
export const fileFindings = (document: unknown, environment: NodeJS.ProcessEnv): Finding[] => {
  const found: Finding[] = [];
  visitLeaves(document, (path, value) => {
    const name = path.at(-1);
    if (typeof value !== 'string' || typeof name !== 'string') return;
    if (/From$/.test(name) && /^(env|file):./.test(value)) {
      const problem = secretProblem(value, environment);
      if (problem !== undefined) found.push({ path, expected: problem });
    }
    if (path.length === 2 && path[0] === 'inventory' && name === 'path') {
      const problem = fileProblem(value);
      if (problem !== undefined) found.push({ path, expected: `expected a readable file: ${problem}` });
    }
    if (path.at(-2) === 'tls' && /^(ca|cert|key)File$/.test(name)) {
      const problem = fileProblem(value);
      if (problem !== undefined) found.push({ path, expected: `expected a readable file: ${problem}` });
    }
  });
  return found;
};

const fileProblem = (path: string): string | undefined => {
  try {
    accessSync(path, constants.R_OK);
    return undefined;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code ?? 'not readable';
  }
};

const policyFindings = (document: unknown): Finding[] => {
  const found: Finding[] = [];
  const declared = isMap(valueAt(document, ['inventory']));
  const tiers = new Set(maps(document, ['policy', 'tiers']).map(([, tier]) => tier.tier));
  tiers.add(valueAt(document, ['policy', 'defaultTier']) ?? 'standard');
  const names = new Map<unknown, Path>();
  for (const [path, rule] of maps(document, ['policy', 'rules'])) {
    const first = names.get(rule.name);
    if (first && rule.name !== undefined) {
      found.push({ path: [...path, 'name'], expected: `expected a name of its own; ${pathText(first)} has the same` });
    } else names.set(rule.name, path);
    const when = isMap(rule.when) ? rule.when : {};
    for (const [i, tier] of (Array.isArray(when.tiers) ? when.tiers : []).entries()) {
      // Where an inventory names tiers too, any may be meant.
      if (typeof tier !== 'string' || declared || tiers.has(tier)) continue;
      const near = nearest(
        tier,
        [...tiers].filter((t) => typeof t === 'string'),
      );
      found.push({
        path: [...path, 'when', 'tiers', i],
        expected: 'expected a tier that policy.tiers or policy.defaultTier names',
        hint: near === undefined ? undefined : `did you mean ${near}?`,
      });
    }
  }
  return found;
};

/** Durations of which zero makes no sense, with their defaults' places. */
const positive: readonly Path[] = [
  ['source', 'sessionTimeout'],
  ['detect', 'suspectMax'],
  ['detect', 'incidentIdle'],
  ['enforce', 'breaker', 'window'],
  ['enforce', 'maxAge'],
  ['enforce', 'notAfter'],
  ['enforce', 'webhook', 'timeout'],
  ['state', 'checkpointEvery'],
  ['audit', 'headEvery', 'time'],
  ['audit', 'keep'],
  ['canary', 'every'],
];

const enforceFindings = (document: unknown): Finding[] => {
  const found: Finding[] = [];
  for (const path of positive) {
    if (ms(valueAt(document, path)) === 0) found.push({ path, expected: 'expected more than zero' });
  }
  const webhook = valueAt(document, ['enforce', 'webhook']);
  const via = valueAt(document, ['enforce', 'via']);
  if (valueAt(document, ['enforce', 'mode']) === 'enforce' && !isMap(webhook) && !isMap(via)) {
    found.push({ path: ['enforce', 'webhook'], expected: 'required (or enforce.via) when enforce.mode is enforce' });
  }
  if (!isMap(webhook)) return found;
  const timeout = ms(webhook.timeout ?? '15s');
  if (timeout > ms(valueAt(document, ['enforce', 'notAfter']) ?? '15m')) {
    found.push({ path: ['enforce', 'webhook', 'timeout'], expected: 'expected no longer than enforce.notAfter' });
  }
  const url = typeof webhook.url === 'string' && URL.canParse(webhook.url) ? new URL(webhook.url) : undefined;
  if (url?.protocol === 'http:' && webhook.allowHttp !== true) {
    found.push({ path: ['enforce', 'webhook', 'url'], expected: 'expected https://, or allowHttp: true beside it' });
  }
  if (url && (url.username !== '' || url.password !== '')) {
    found.push({ path: ['enforce', 'webhook', 'url'], expected: 'expected no user or password in the address' });
  }
  return found;
};

const ingestFindings = (document: unknown): Finding[] => {
  const found: Finding[] = [];
  const mode = valueAt(document, ['privacy', 'addresses']);
  const peppers: readonly Path[] = [
    ['privacy', 'pepperFrom'],
    ['ingest', 'pepperFrom'],
  ];
  if ((mode === 'hash' || mode === 'drop') && peppers.every((path) => valueAt(document, path) === undefined)) {
    found.push({
      path: ['privacy', 'pepperFrom'],
      expected: `required (or ingest.pepperFrom) when privacy.addresses is ${mode}: addresses are hashed with it`,
    });
  }
  const ingest = valueAt(document, ['ingest']);
  if (!isMap(ingest)) return found;
  if (ingest.keyIs === 'secret' && ingest.pepperFrom === undefined) {
    found.push({
      path: ['ingest', 'pepperFrom'],
      expected: 'required when ingest.keyIs is secret: keys are hashed with it',
    });
  }
  return found;
};

/** Addresses, ports and certificates that have the right letters but cannot be right. */
const placeFindings = (document: unknown): Finding[] => {
  const found: Finding[] = [];
  visitLeaves(document, (path, value) => {
    const list = path.at(-2);
    if (typeof value !== 'string') return;
    if ((list === 'trustedProxies' || list === 'allowPrivate') && /^[0-9a-fA-F.:/]+$/.test(value) && !isCidr(value)) {
      found.push({ path, expected: 'expected an address or a CIDR such as 10.0.0.0/8 or fd00::/8' });
    }
    if (list === 'brokers' && Number(/:(\d{1,5})$/.exec(value)?.[1] ?? 1) > 65_535) {
      found.push({ path, expected: 'expected a port up to 65535' });
    }
    if (list === 'tls' && (path.at(-1) === 'certFile' || path.at(-1) === 'keyFile')) {
      const other = path.at(-1) === 'certFile' ? 'keyFile' : 'certFile';
      const beside = [...path.slice(0, -1), other];
      if (valueAt(document, beside) === undefined) {
        found.push({ path: beside, expected: `required beside ${pathText(path)}` });
      }
    }
  });
  return found;
};

const isCidr = (text: string): boolean => {
  const [address, prefix, ...rest] = text.split('/');
  const family = isIP(address);
  return family !== 0 && rest.length === 0 && (prefix === undefined || Number(prefix) <= (family === 4 ? 32 : 128));
};

/** What keywatch writes must not be what it reads, nor may two outputs share one place. */
const loopFindings = (document: unknown): Finding[] => {
  const found: Finding[] = [];
  const source = valueAt(document, ['source']);
  const taken = new Map<string, Path>();
  if (isMap(source)) for (const place of placesOf(source)) taken.set(place, ['source']);
  for (const [path, output] of [...maps(document, ['alerts']), ...maps(document, ['deadLetters'])]) {
    const clash = placesOf(output).find((place) => taken.has(place));
    if (clash !== undefined) {
      const field = output.kind === 'kafka' ? 'topic' : 'path';
      found.push({
        path: [...path, field],
        expected: `expected a place of its own; ${pathText(taken.get(clash) as Path)} uses the same`,
      });
    }
    for (const place of placesOf(output)) taken.set(place, path);
  }
  return found;
};

const placesOf = (end: Record<string, unknown>): string[] => {
  if (end.kind === 'file' && typeof end.path === 'string') return [`file ${end.path}`];
  if (end.kind !== 'kafka' || typeof end.topic !== 'string' || !Array.isArray(end.brokers)) return [];
  return end.brokers.map((broker) => `kafka ${broker} ${end.topic}`);
};
