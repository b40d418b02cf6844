import type { EnforcerConfig } from '../../config/enforcers';
import type { Clock, Enforcer } from '../../ports';
import { resolveSecret } from '../secrets';
import { createAwsApiGateway } from './aws-api-gateway';
import { createAwsIam } from './aws-iam';
import { createAzureApim } from './azure-apim';
import { createKong } from './kong';
import { createTyk } from './tyk';
import { createUnkey } from './unkey';

const SETTING = 'enforce.via';

const awsOf = ({ credentials, ...rest }: Extract<EnforcerConfig, { kind: 'aws-iam' | 'aws-api-gateway' }>) => ({
  ...rest,
  credentials: credentials && {
    accessKeyId: credentials.accessKeyId,
    secretAccessKey: resolveSecret(credentials.secretAccessKeyFrom),
  },
});

/**
 * The enforcer of `enforce.via`. Connects to nothing yet. Throws on an address that must not be used, and `SecretError`
 * where a secret cannot be had.
 */
export function openEnforcer(via: EnforcerConfig, clock: Pick<Clock, 'now'>): Enforcer {
  const common = { setting: SETTING, timeoutMs: via.timeout, clock };
  switch (via.kind) {
    case 'aws-iam':
      return createAwsIam({ ...awsOf(via), ...common });
    case 'aws-api-gateway':
      return createAwsApiGateway({ ...awsOf(via), ...common });
    case 'unkey':
      return createUnkey({ ...via, ...common, rootKey: resolveSecret(via.rootKeyFrom) });
    case 'kong': {
      const { tokenFrom, tokenHeader } = via;
      const token = tokenFrom === undefined ? undefined : { header: tokenHeader, value: resolveSecret(tokenFrom) };
      return createKong({ ...via, ...common, token });
    }
    case 'azure-apim': {
      const { clientSecretFrom, ...login } = via.login;
      return createAzureApim({
        ...via,
        ...common,
        login: { ...login, clientSecret: resolveSecret(clientSecretFrom) },
      });
    }
    case 'tyk':
      return createTyk({ ...via, ...common, secret: resolveSecret(via.secretFrom) });
  }
}
