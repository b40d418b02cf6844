import { createAwsApiGateway } from '../../../src/adapters/enforcers/aws-api-gateway';
import { deliver, nearby, releaseOf, type Stocked, suspension, vendor, vendorContract } from '../../support/vendor';

const KEY = 'a1b2c3d4e5';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const signature =
  /^AWS4-HMAC-SHA256 Credential=AKIAKEYWATCH00000000\/\d{8}\/eu-central-1\/apigateway\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/;

/** API Gateway's REST API with one key. */
async function gateway(): Promise<Stocked> {
  const keys = new Map([[KEY, true]]);
  const error = (status: number, type: string) => ({
    status,
    headers: { 'x-amzn-errortype': type, 'content-type': 'application/json' },
    body: { message: 'hunter2' },
  });
  const server = await vendor(({ method, path, headers, body }) => {
    if (!signature.test(headers.authorization ?? '')) return error(403, 'MissingAuthenticationTokenException');
    const url = new URL(path, 'http://x');
    const id = /^\/apikeys\/([^/]+)$/.exec(url.pathname)?.[1] ?? '';
    if (!keys.has(id)) return error(404, 'NotFoundException');
    if (method === 'PATCH') {
      const { patchOperations } = JSON.parse(body);
      const [{ op, path: at, value }] = patchOperations;
      if (patchOperations.length !== 1 || op !== 'replace' || at !== '/enabled' || !/^(true|false)$/.test(value)) {
        return error(400, 'BadRequestException');
      }
      keys.set(id, value === 'true');
    } else if (method !== 'GET' || url.searchParams.get('includeValue') === 'true') {
      return error(400, 'BadRequestException');
    }
    return { status: 200, headers: { 'content-type': 'application/json' }, body: { id, enabled: keys.get(id) } };
  });
  return Object.assign(server, {
    key: KEY,
    passes: () => keys.get(KEY) === true,
    turn: (on: boolean) => void keys.set(KEY, on),
    remove: () => void keys.delete(KEY),
    secrets: [SECRET],
    isFirst: ({ method }: { readonly method: string }) => method === 'GET',
  });
}

const create = ({ url }: { readonly url: string }) =>
  createAwsApiGateway({
    ...nearby,
    region: 'eu-central-1',
    endpoint: url,
    credentials: { accessKeyId: 'AKIAKEYWATCH00000000', secretAccessKey: SECRET },
  });

vendorContract({
  name: 'aws-api-gateway',
  open: gateway,
  create,
  foreign: ['', '../usageplans', 'A1B2C3D4E5', 'a1b2c3d4e5?x=y'],
  flag: true,
});

test('the calls are those of the documentation, and the value of the key is never asked for', async () => {
  const stocked = await gateway();
  const enforcer = create(stocked);
  await deliver(enforcer, suspension(KEY));
  await deliver(enforcer, releaseOf(KEY));
  expect(stocked.seen.map(({ method, path, body }) => [method, path.split('?')[0], body])).toEqual([
    ['GET', `/apikeys/${KEY}`, ''],
    ['PATCH', `/apikeys/${KEY}`, '{"patchOperations":[{"op":"replace","path":"/enabled","value":"false"}]}'],
    ['GET', `/apikeys/${KEY}`, ''],
    ['PATCH', `/apikeys/${KEY}`, '{"patchOperations":[{"op":"replace","path":"/enabled","value":"true"}]}'],
  ]);
  for (const { path } of stocked.seen) expect(path).not.toContain('includeValue=true');
  await enforcer.close();
  await stocked.close();
});
