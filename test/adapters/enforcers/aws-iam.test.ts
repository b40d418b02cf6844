import { createAwsIam } from '../../../src/adapters/enforcers/aws-iam';
import {
  deliver,
  nearby,
  type Stocked,
  suspension,
  type VendorReply,
  vendor,
  vendorContract,
} from '../../support/vendor';

const KEY = 'AKIAIOSFODNN7EXAMPLE';
const SECRET = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
const xmlns = 'https://iam.amazonaws.com/doc/2010-05-08/';
const signature =
  /^AWS4-HMAC-SHA256 Credential=AKIAKEYWATCH00000000\/\d{8}\/us-east-1\/iam\/aws4_request, SignedHeaders=\S*host\S*, Signature=[0-9a-f]{64}$/;

const error = (status: number, code: string): VendorReply => ({
  status,
  headers: { 'content-type': 'text/xml' },
  body: `<ErrorResponse xmlns="${xmlns}"><Error><Type>Sender</Type><Code>${code}</Code><Message>hunter2</Message></Error><RequestId>r</RequestId></ErrorResponse>`,
});
const answer = (action: string, result: string): VendorReply => ({
  status: 200,
  headers: { 'content-type': 'text/xml' },
  body: `<${action}Response xmlns="${xmlns}">${result === '' ? '' : `<${action}Result>${result}</${action}Result>`}<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`,
});

/** IAM's query API with one user and one key. */
async function iam(): Promise<Stocked> {
  const keys = new Map([[KEY, 'Active']]);
  const server = await vendor(({ method, path, headers, body }) => {
    const form = new URLSearchParams(body);
    const action = form.get('Action') ?? '';
    const key = form.get('AccessKeyId') ?? '';
    if (method !== 'POST' || path !== '/' || form.get('Version') !== '2010-05-08') return error(400, 'InvalidAction');
    if (headers['content-type'] !== 'application/x-www-form-urlencoded') return error(400, 'MalformedInput');
    if (!signature.test(headers.authorization ?? '') || headers['x-amz-date'] === undefined) {
      return error(403, 'IncompleteSignature');
    }
    if (action === 'GetAccessKeyLastUsed') {
      if (!keys.has(key)) return error(404, 'NoSuchEntity');
      return answer(action, '<UserName>alice</UserName><AccessKeyLastUsed><Region>N/A</Region></AccessKeyLastUsed>');
    }
    if (form.get('UserName') !== 'alice') return error(404, 'NoSuchEntity');
    if (action === 'ListAccessKeys') {
      const members = [...keys].map(
        ([id, status]) =>
          `<member><UserName>alice</UserName><AccessKeyId>${id}</AccessKeyId><Status>${status}</Status></member>`,
      );
      return answer(
        action,
        `<AccessKeyMetadata>${members.join('')}</AccessKeyMetadata><IsTruncated>false</IsTruncated>`,
      );
    }
    if (action !== 'UpdateAccessKey') return error(403, 'AccessDenied');
    const status = form.get('Status') ?? '';
    if (status !== 'Active' && status !== 'Inactive') return error(400, 'ValidationError');
    if (!keys.has(key)) return error(404, 'NoSuchEntity');
    keys.set(key, status);
    return answer(action, '');
  });
  return Object.assign(server, {
    key: KEY,
    passes: () => keys.get(KEY) === 'Active',
    turn: (on: boolean) => void keys.set(KEY, on ? 'Active' : 'Inactive'),
    remove: () => void keys.delete(KEY),
    secrets: [SECRET],
    isFirst: ({ body }: { readonly body: string }) => body.includes('GetAccessKeyLastUsed'),
  });
}

const create = ({ url }: { readonly url: string }) =>
  createAwsIam({
    ...nearby,
    region: 'us-east-1',
    endpoint: url,
    credentials: { accessKeyId: 'AKIAKEYWATCH00000000', secretAccessKey: SECRET },
  });

vendorContract({
  name: 'aws-iam',
  open: iam,
  create,
  foreign: ['ASIAIOSFODNN7EXAMPLE', 'AKIA', 'AKIAIOSFODNN7EXAMPLE&Status=Active', 'arn:aws:iam::1:role/x'],
  flag: true,
});

describe('calls', () => {
  let stocked: Stocked;
  beforeEach(async () => {
    stocked = await iam();
  });
  afterEach(() => stocked.close());

  const result = async () => {
    const enforcer = create(stocked);
    try {
      return await deliver(enforcer, suspension(KEY, { keyName: 'somebody-else' }));
    } finally {
      await enforcer.close();
    }
  };

  test('UpdateAccessKey names the user that IAM says, not the one of the log', async () => {
    expect(await result()).toEqual({ ok: true, detail: 'turned off' });
    const forms = stocked.seen.map(({ body }) => Object.fromEntries(new URLSearchParams(body)));
    expect(forms.map(({ Action }) => Action)).toEqual(['GetAccessKeyLastUsed', 'ListAccessKeys', 'UpdateAccessKey']);
    expect(forms[2]).toEqual({
      Action: 'UpdateAccessKey',
      Version: '2010-05-08',
      AccessKeyId: KEY,
      UserName: 'alice',
      Status: 'Inactive',
    });
  });

  test.each([
    [400, 'Throttling', false],
    [400, 'ValidationError', true],
    [403, 'AccessDenied', false],
    [409, 'LimitExceeded', false],
    [500, 'ServiceFailure', false],
  ])('HTTP %i %s: permanent is %s', async (status, code, permanent) => {
    stocked.instead = ({ body }) => (body.includes('UpdateAccessKey') ? error(status, code) : undefined);
    expect(await result()).toMatchObject({ ok: false, permanent, detail: expect.stringContaining(`HTTP ${status}`) });
    expect(stocked.passes()).toBe(true);
  });

  test("keywatch's own key is never turned off", async () => {
    const enforcer = create(stocked);
    expect(await deliver(enforcer, suspension('AKIAKEYWATCH00000000'))).toMatchObject({ ok: false, permanent: true });
    expect(stocked.seen).toEqual([]);
    await enforcer.close();
  });

  test('a key that belongs to no user is refused', async () => {
    stocked.instead = () =>
      answer('GetAccessKeyLastUsed', '<AccessKeyLastUsed><Region>N/A</Region></AccessKeyLastUsed>');
    expect(await result()).toMatchObject({ ok: false, permanent: true });
  });

  test.each([
    [{ allowPrivate: [] }, 'enforce.via.allowPrivate'],
    [{ allowHttp: false }, 'enforce.via.allowHttp'],
  ])('an endpoint that must not be used is refused at once: %j', (over, named) => {
    const place = { ...nearby, region: 'us-east-1', endpoint: stocked.url, ...over };
    expect(() => createAwsIam(place)).toThrow(named);
  });

  test('a name that leads to a private address is not followed', async () => {
    const enforcer = createAwsIam({
      ...nearby,
      allowPrivate: [],
      region: 'us-east-1',
      endpoint: 'http://iam.example:80',
      credentials: { accessKeyId: 'AKIAKEYWATCH00000000', secretAccessKey: SECRET },
      resolve: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    });
    expect(await deliver(enforcer, suspension(KEY))).toMatchObject({
      ok: false,
      permanent: true,
      detail: expect.stringContaining('enforce.via.allowPrivate'),
    });
    await enforcer.close();
  });
});
