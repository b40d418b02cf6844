import { join } from 'node:path';
import { openAnswers } from '../../adapters/api/answers';
import type { Desk } from '../../adapters/api/desk';
import { openapiOf } from '../../adapters/api/openapi';
import { apiRoutes } from '../../adapters/api/routes';
import { createApi } from '../../adapters/api/server';
import { createTokens, tokenProblem } from '../../adapters/api/tokens';
import { leaveCommand } from '../../adapters/file/commands';
import type { IncidentFile } from '../../adapters/file/incident-file';
import { resolveSecret } from '../../adapters/secrets';
import type { Config } from '../../config';
import type { Inventory } from '../../domain/inventory';
import { OperatorError } from '../../options';
import type { Audit, EnforcementControl } from '../../ports';
import { type House, messageOf } from './house';
import { listingOf } from './incidents';

interface ApiParts {
  readonly control: EnforcementControl;
  readonly file: IncidentFile;
  readonly audit: Audit;
  readonly inventory: () => Inventory;
}

/** The HTTP API, where one is configured. Commands go by way of the state directory, as those of the command line do. */
export async function openApi(house: House, parts: ApiParts): Promise<void> {
  const { config, context, clock, log, closing } = house;
  const { api } = config;
  if (api === undefined) return;
  const { dir } = config.state;
  const { control, file, audit, inventory } = parts;
  const authenticate = createTokens(tokensOf(api));
  const answers = await openAnswers(join(dir, 'api-answers.log'), { now: clock.now });
  closing.push(() => answers.close());
  const desk: Desk = {
    control,
    incidents: listingOf(file),
    keepFeedback: (feedback) => file.feedback(feedback),
    inventory,
    command: (command) => leaveCommand(dir, command, clock.now()),
    audit,
    now: clock.now,
    muteMs: api.mute,
    muteMaxMs: api.muteMax,
  };
  const routes = apiRoutes(desk);
  const server = await createApi({
    host: api.host,
    port: api.port,
    hostNames: api.hostNames,
    tls: api.tls && { cert: resolveSecret(api.tls.certFrom), key: resolveSecret(api.tls.keyFrom) },
    perMinute: api.perMinute,
    failuresPerMinute: api.failuresPerMinute,
    authenticate,
    routes,
    openapi: openapiOf(routes, context.version),
    answers,
    audit,
    onFault: (operation, error) => log.error({ operation, error: messageOf(error) }, 'a call of the API failed'),
    onStranger: (address) => log.warn({ address }, 'a call of the API without a valid token'),
  });
  closing.push(() => server.close());
  log.info({ url: server.url, tokens: api.tokens.length }, 'API is up');
}

function tokensOf(api: NonNullable<Config['api']>) {
  return api.tokens.map(({ name, role, tokenFrom }, i) => {
    const secret = resolveSecret(tokenFrom);
    const problem = tokenProblem(secret);
    if (problem !== undefined) throw new OperatorError(`api.tokens[${i}].tokenFrom (${name}): ${problem}`);
    return { name, role, secret };
  });
}
