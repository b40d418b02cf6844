/** Formats with a decoder of their own, in the order in which people look for theirs. */
export const logFormats = [
  'keywatch',
  'kong',
  'apisix',
  'tyk',
  'envoy',
  'traefik',
  'nginx-json',
  'nginx-combined',
  'aws-api-gateway',
  'cloudtrail',
  'azure-apim',
  'ecs',
  'otel',
] as const;
export type LogFormat = (typeof logFormats)[number];

/** Names that need no configuration beside them. `auto` recognises one of the others. */
export const formats = ['auto', ...logFormats] as const;

/** Names of the log formats, as the configuration spells them. `mapping` is described by `ingest.mapping`. */
export const configuredFormats = [...formats, 'mapping'] as const;
export type Format = (typeof configuredFormats)[number];
