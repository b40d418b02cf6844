import { join } from 'node:path';
import { openAnswers } from '../../adapters/api/answers';
import type { Enforcement } from '../../adapters/enforcement';
import type { IncidentFile } from '../../adapters/file/incident-file';
import { createInbound, type InboundRoute } from '../../adapters/inbound/server';
import { type GithubKeys, githubKeyOf } from '../../adapters/leaks/github';
import { type LeakSenders, leakRoutes } from '../../adapters/leaks/routes';
import { resolveSecret } from '../../adapters/secrets';
import { parseSecrets } from '../../adapters/webhook/sign';
import type { Config } from '../../config';
import type { Inventory } from '../../domain/inventory';
import { OperatorError } from '../../options';
import type { Audit, EnforcementControl } from '../../ports';
import { passingConfiguredHash } from '../hashing';
import { type House, messageOf } from './house';
import { openOwnerLinks } from './owner';

export interface InboundParts {
  readonly enforcement: Pick<Enforcement, 'tell' | 'submit'> & EnforcementControl;
  readonly file: IncidentFile;
  readonly audit: Audit;
  readonly inventory: () => Inventory;
  /** Whether Detect has a past of a key. */
  readonly knows: (key: string) => boolean;
}

type Leaks = NonNullable<Config['leaks']>;

/** Notices of one key at one place are remembered for so long, and so many of them; then they would count anew. */
const KEPT_MS = 366 * 86_400_000;
const MOST_KEPT = 50_000;

/** The listener for those without a token of the API, where one is configured: leak notices, and links in mails to owners. */
export async function openInbound(house: House, parts: InboundParts): Promise<void> {
  const { config, log, closing } = house;
  const { inbound } = config;
  if (inbound === undefined) return;
  const routes = [...(await openLeaks(house, parts)), ...(await openOwnerLinks(house, parts))];
  const server = await createInbound({
    host: inbound.host,
    port: inbound.port,
    hostNames: inbound.hostNames,
    tls: inbound.tls && { cert: resolveSecret(inbound.tls.certFrom), key: resolveSecret(inbound.tls.keyFrom) },
    perMinute: inbound.perMinute,
    routes,
    onFault: (path, error) => log.error({ path, error: messageOf(error) }, 'a call of the inbound listener failed'),
  });
  closing.push(() => server.close());
  log.info({ url: server.url }, 'the inbound listener is up');
}

async function openLeaks(house: House, parts: InboundParts): Promise<readonly InboundRoute[]> {
  const { config, clock, log, closing, metrics } = house;
  const { leaks } = config;
  if (leaks === undefined) return [];
  const hash = passingConfiguredHash(config.ingest);
  if (hash === undefined) log.warn('no ingest.pepperFrom: leak notices can name keys by id only');
  const kept = await openAnswers(join(config.state.dir, 'leaks.log'), {
    now: clock.now,
    keepMs: KEPT_MS,
    most: MOST_KEPT,
  });
  closing.push(() => kept.close());
  const { enforcement, file, audit, inventory, knows } = parts;
  const desk = {
    hashes: (raw: string) => (hash === undefined ? [] : [hash(raw)]),
    inventory,
    knows: (key: string) => knows(key) || file.incidents.ofKey(key).length > 0,
    incidentsOf: (key: string) => file.incidents.ofKey(key),
    once: kept.once,
    audit,
    tell: enforcement.tell,
    submit: enforcement.submit,
    telemetry: metrics.leaks,
    action: leaks.action,
    suspendMs: leaks.for,
    mode: config.enforce.mode,
    now: clock.now,
  };
  return leakRoutes(desk, sendersOf(leaks));
}

function sendersOf({ github, secretFrom }: Leaks): LeakSenders {
  return {
    github: github && { keys: keysOf(github.keys), feedback: github.feedback },
    secrets: secretFrom === undefined ? undefined : parseSecrets(resolveSecret(secretFrom)),
  };
}

const keysOf = (keys: NonNullable<Leaks['github']>['keys']): GithubKeys =>
  new Map(
    keys.map(({ id, keyFrom }, i) => {
      try {
        return [id, githubKeyOf(resolveSecret(keyFrom))];
      } catch (error) {
        throw new OperatorError(`leaks.github.keys[${i}].keyFrom: ${messageOf(error)}`);
      }
    }),
  );
