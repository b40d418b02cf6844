import { faultText, readConfig } from '../../src/adapters/config-file';
import { vendorCapabilities } from '../../src/adapters/enforcers/capabilities';
import { openEnforcer } from '../../src/adapters/enforcers/open';
import { configSchema } from '../../src/config';
import { TEN } from '../support/action-request';

const faultsOf = (document: object): string[] => {
  const loaded = readConfig(JSON.stringify({ source: { kind: 'stdin' }, ...document }), { checkFiles: false });
  return loaded.ok ? [] : loaded.faults.map(faultText);
};

const login = {
  tenant: 'contoso.example',
  clientId: '00000000-0000-4000-8000-00000000000b',
  clientSecretFrom: 'env:S',
};
const place = { subscription: '00000000-0000-4000-8000-00000000000a', resourceGroup: 'rg', service: 'contoso' };
const vias = {
  'aws-iam': { kind: 'aws-iam', credentials: { accessKeyId: 'AKIAKEYWATCH00000000', secretAccessKeyFrom: 'env:S' } },
  'aws-api-gateway': { kind: 'aws-api-gateway', region: 'eu-central-1' },
  unkey: { kind: 'unkey', rootKeyFrom: 'env:S' },
  kong: { kind: 'kong', url: 'https://kong.example:8444', level: 'consumer', tokenFrom: 'env:S' },
  'azure-apim': { kind: 'azure-apim', ...place, login },
  tyk: { kind: 'tyk', url: 'https://tyk.example', secretFrom: 'env:S' },
} as const;
const kinds = Object.keys(vias) as (keyof typeof vias)[];
const suspending = { rules: [{ name: 'a', when: { signs: 2 }, action: 'suspend' }] };

describe.each(kinds)('%s', (kind) => {
  const enforce = { mode: 'enforce', via: vias[kind] };
  const ingest = kind === 'tyk' ? { format: 'tyk', keyIs: 'id' } : {};

  test('may suspend', () => expect(faultsOf({ ingest, enforce, policy: suspending })).toEqual([]));

  test.each(['rate-limit', 'step-up', 'revoke'])('is refused where the policy asks for %s', (action) => {
    const policy = { rules: [...suspending.rules, { name: 'b', action, when: { rule: true } }] };
    expect(faultsOf({ ingest, enforce, policy })).toContainEqual(
      expect.stringMatching(new RegExp(`policy.rules\\[1\\].action: .*expected what ${kind} can do`)),
    );
  });

  test('opens with what the check knows of it', async () => {
    process.env.S = 'secret-of-the-test';
    try {
      const config = configSchema.parse({ source: { kind: 'stdin' }, enforce });
      const enforcer = openEnforcer(config.enforce.via!, { now: () => TEN });
      expect(enforcer.name).toBe(kind);
      expect(enforcer.capabilities).toBe(vendorCapabilities[kind]);
      await enforcer.close();
    } finally {
      delete process.env.S;
    }
  });
});

test('one acts: the webhook or an API, and in enforce mode one of them', () => {
  const webhook = { url: 'https://keys.example', secretFrom: 'env:S' };
  expect(faultsOf({ enforce: { webhook, via: vias.unkey } })).toEqual([expect.stringContaining('enforce.via: ')]);
  expect(faultsOf({ enforce: { mode: 'enforce' } })).toEqual([expect.stringContaining('enforce.webhook: ')]);
});

test('what the webhook cannot do is refused, and so is an action for leaked keys that nobody can do', () => {
  const webhook = { url: 'https://keys.example', secretFrom: 'env:S', actions: ['suspend'] };
  const policy = { rules: [{ name: 'slow', action: 'rate-limit', when: { signs: 1 } }] };
  expect(faultsOf({ enforce: { webhook }, policy })).toEqual([expect.stringContaining('policy.rules[0].action: ')]);
  expect(faultsOf({ enforce: { webhook: { ...webhook, actions: ['rate-limit'] } }, policy })).toEqual([]);
});

test.each([undefined, 'auto', 'secret'])(
  'Tyk is refused where keyIs is %s: its hash is not in the log then',
  (keyIs) => {
    const ingest = { format: 'tyk', ...(keyIs === undefined ? {} : { keyIs, pepperFrom: 'env:S' }) };
    expect(faultsOf({ ingest, enforce: { via: vias.tyk } })).toEqual([expect.stringContaining('ingest.keyIs: ')]);
  },
);

test('Kong is refused until its reach is written down', () => {
  const { level: _, ...kong } = vias.kong;
  expect(faultsOf({ enforce: { via: kong } })).toEqual([expect.stringContaining('enforce.via.level: ')]);
  expect(faultsOf({ enforce: { via: { ...kong, level: 'key' } } })).toHaveLength(1);
});

test.each([
  [{ url: 'http://tyk.example' }, 'enforce.via.url'],
  [{ url: 'https://u:p@tyk.example' }, 'enforce.via.url'],
  [{ url: 'https://tyk.example/?a=b' }, 'enforce.via.url'],
  [{ timeout: '0s' }, 'enforce.via.timeout'],
  [{ timeout: '16m' }, 'enforce.via.timeout'],
  [{ secretFrom: 'hunter2' }, 'enforce.via.secretFrom'],
])('%j is refused at %s', (over, path) => {
  const faults = faultsOf({ ingest: { keyIs: 'id' }, enforce: { via: { ...vias.tyk, ...over } } });
  expect(faults).toEqual([expect.stringContaining(`${path}: `)]);
  expect(faults.join()).not.toContain('hunter2');
});
