import { z } from 'zod';
import { cidr, duration, secretFrom } from './values';

/** Where an API is, and the rules of the webhook for reaching it. */
const reach = {
  /** `http:` and private, loopback or link-local addresses are refused unless named here. */
  allowPrivate: z.array(cidr).max(64).default([]),
  allowHttp: z.boolean().default(false),
  /** For one attempt with all its calls. */
  timeout: duration('15s'),
};
const address = z.url({ protocol: /^https?$/ });

const region = z.string().regex(/^[a-z0-9-]{1,32}$/, 'expected the name of a region, such as eu-central-1');
const aws = {
  /** Instead of AWS's own address: an interface endpoint. */
  endpoint: address.optional(),
  /** Without it the SDK's own chain: environment, web identity, container, instance. */
  credentials: z
    .strictObject({
      accessKeyId: z.string().regex(/^AKIA[A-Z0-9]{12,124}$/, 'expected the id of an access key (AKIA…)'),
      secretAccessKeyFrom: secretFrom,
    })
    .optional(),
  ...reach,
};

const uuid = z.uuid('expected a UUID');

/** A gateway's own API, instead of the webhook. One of them; what each can do: docs/enforcers.md. */
export const enforcer = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('aws-iam'), region: region.default('us-east-1'), ...aws }),
  z.strictObject({ kind: z.literal('aws-api-gateway'), region, ...aws }),
  z.strictObject({
    kind: z.literal('unkey'),
    url: address.default('https://api.unkey.com'),
    rootKeyFrom: secretFrom,
    ...reach,
  }),
  z.strictObject({
    kind: z.literal('kong'),
    /** Of the Admin API; with the workspace as its path, where there are several. */
    url: address,
    /** Says that all keys of a consumer are stopped together: Kong cannot stop one. */
    level: z.literal('consumer'),
    tokenFrom: secretFrom.optional(),
    tokenHeader: z
      .string()
      .regex(/^[A-Za-z0-9-]{1,64}$/, 'expected the name of a header')
      .default('Kong-Admin-Token'),
    ...reach,
  }),
  z.strictObject({
    kind: z.literal('azure-apim'),
    url: address.default('https://management.azure.com'),
    subscription: uuid,
    resourceGroup: z.string().min(1).max(90),
    service: z.string().regex(/^[a-zA-Z](?:[a-zA-Z0-9-]{0,48}[a-zA-Z0-9])?$/, 'expected the name of the service'),
    /** An application of Microsoft Entra ID with a client secret. */
    login: z.strictObject({
      url: address.default('https://login.microsoftonline.com'),
      tenant: z.string().regex(/^[A-Za-z0-9.-]{1,256}$/, 'expected the id or the domain of a tenant'),
      clientId: uuid,
      clientSecretFrom: secretFrom,
    }),
    ...reach,
  }),
  z.strictObject({
    kind: z.literal('tyk'),
    /** Of the Gateway API, where `/tyk/keys` is. */
    url: address,
    secretFrom,
    ...reach,
  }),
]);

export type EnforcerConfig = z.infer<typeof enforcer>;
export type EnforcerKind = EnforcerConfig['kind'];
