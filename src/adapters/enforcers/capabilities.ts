import type { EnforcerKind } from '../../config/enforcers';
import type { EnforcerCapabilities } from '../../ports';
import { awsApiGatewayCapabilities } from './aws-api-gateway';
import { awsIamCapabilities } from './aws-iam';
import { azureApimCapabilities } from './azure-apim';
import { kongCapabilities } from './kong';
import { tykCapabilities } from './tyk';
import { unkeyCapabilities } from './unkey';

/** What each can do, known before one is opened: a configuration is checked against it. */
export const vendorCapabilities: Readonly<Record<EnforcerKind, EnforcerCapabilities>> = {
  'aws-iam': awsIamCapabilities,
  'aws-api-gateway': awsApiGatewayCapabilities,
  unkey: unkeyCapabilities,
  kong: kongCapabilities,
  'azure-apim': azureApimCapabilities,
  tyk: tykCapabilities,
};
