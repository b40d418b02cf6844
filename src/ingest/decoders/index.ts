import type { Decoder } from '../decoder';
import type { LogFormat } from '../formats';
import { apisixDecoder } from './apisix';
import { awsApiGatewayDecoder } from './aws-api-gateway';
import { azureApimDecoder } from './azure-apim';
import { cloudtrailDecoder } from './cloudtrail';
import { ecsDecoder } from './ecs';
import { envoyDecoder } from './envoy';
import { keywatchDecoder } from './keywatch';
import { kongDecoder } from './kong';
import { nginxCombinedDecoder } from './nginx-combined';
import { nginxJsonDecoder } from './nginx-json';
import { otelDecoder } from './otel';
import { traefikDecoder } from './traefik';
import { tykDecoder } from './tyk';

/** Every format's decoder. `auto` asks them in this order, so a format with surer marks stands before a vaguer one. */
export const decoders: Readonly<Record<LogFormat, Decoder>> = {
  keywatch: keywatchDecoder,
  kong: kongDecoder,
  apisix: apisixDecoder,
  cloudtrail: cloudtrailDecoder,
  'azure-apim': azureApimDecoder,
  tyk: tykDecoder,
  traefik: traefikDecoder,
  'aws-api-gateway': awsApiGatewayDecoder,
  envoy: envoyDecoder,
  otel: otelDecoder,
  ecs: ecsDecoder,
  'nginx-json': nginxJsonDecoder,
  'nginx-combined': nginxCombinedDecoder,
};
