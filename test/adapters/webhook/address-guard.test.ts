import type { LookupAddress } from 'node:dns';
import { type AddressInfo, createServer } from 'node:net';
import {
  guardedConnector,
  guardedLookup,
  RefusedAddress,
  type Resolve,
} from '../../../src/adapters/webhook/address-guard';
import { addressRules } from '../../../src/adapters/webhook/address-rules';
import { webhookUrlFault } from '../../../src/adapters/webhook/webhook';

const isOpen = addressRules([]);

test.each([
  '0.0.0.0',
  '10.1.2.3',
  '100.64.0.1',
  '100.100.100.200',
  '127.0.0.1',
  '127.255.255.254',
  '168.63.129.16',
  '169.254.169.254',
  '172.16.0.1',
  '172.31.255.255',
  '192.0.0.192',
  '192.0.2.1',
  '192.88.99.1',
  '192.168.1.1',
  '198.18.0.1',
  '198.51.100.7',
  '203.0.113.9',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  '::1',
  '::127.0.0.1',
  '::ffff:127.0.0.1',
  '::ffff:7f00:1',
  '::ffff:0:127.0.0.1',
  '64:ff9b::10.0.0.1',
  '64:ff9b::a9fe:a9fe',
  '64:ff9b:1::8.8.8.8',
  '100::1',
  '2001::1',
  '2001:db8::1',
  '2002:7f00:1::',
  '2002:808:808::1',
  '3fff::1',
  'fc00::1',
  'fd00:ec2::254',
  'fe80::1',
  'fe80::1%eth0',
  'fec0::1',
  'ff02::1',
  'localhost',
  '',
  '8.8.8',
])('%s is closed', (address) => expect(isOpen(address)).toBe(false));

test.each([
  '8.8.8.8',
  '100.63.255.255',
  '100.128.0.1',
  '172.15.0.1',
  '172.32.0.1',
  '223.255.255.255',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  '2606:4700:4700::1111',
  '2001:4860:4860::8888',
])('%s is open', (address) => expect(isOpen(address)).toBe(true));

test('what allowPrivate names is open, in every spelling, and nothing beside it', () => {
  const some = addressRules(['10.1.0.0/16', '127.0.0.1', 'fd12::/16']);
  for (const address of ['10.1.255.1', '::ffff:10.1.0.1', '127.0.0.1', 'fd12::9']) expect(some(address)).toBe(true);
  for (const address of ['10.2.0.1', '127.0.0.2', 'fd13::9', '::1']) expect(some(address)).toBe(false);
});

test.each(['10.0.0.0/33', 'fd00::/129', 'example.org', '10.0.0.0/x'])('%s is no CIDR', (cidr) => {
  expect(() => addressRules([cidr])).toThrow(cidr);
});

describe('URLs', () => {
  const fault = (url: string, http = false) => webhookUrlFault(url, http, isOpen);

  test.each([
    'https://127.0.0.1/',
    'https://2130706433/',
    'https://0x7f.1/',
    'https://0177.0.0.1/',
    'https://0x7f000001/',
    'https://127.1/',
    'https://１２７.0.0.1/',
    'https://[::1]/',
    'https://[::ffff:127.0.0.1]/',
    'https://[::ffff:7f00:1]/',
    'https://[64:ff9b::7f00:1]/',
    'https://169.254.169.254/latest/meta-data/',
  ])('%s is refused', (url) => expect(fault(url)).toContain('private or reserved'));

  test('http needs leave, other schemes have none, user and password never', () => {
    expect(fault('http://hooks.example/')).toContain('allowHttp');
    expect(fault('http://hooks.example/', true)).toBeUndefined();
    expect(fault('https://hooks.example/x?y=z')).toBeUndefined();
    expect(fault('ftp://hooks.example/', true)).toContain('expected https:');
    expect(fault('https://bob@hooks.example/')).toContain('no user or password');
    expect(fault('nonsense')).toContain('not a URL');
  });

  test('a fault repeats nothing of the URL', () => {
    for (const url of [
      'http://h.example/?token=s3cret',
      'https://u:s3cret@h.example/',
      'https://10.0.0.1/s3cret',
      ':s3cret',
    ])
      expect(fault(url)).not.toContain('s3cret');
  });
});

describe('name resolution', () => {
  const answers =
    (...addresses: string[]): Resolve =>
    (_host, _options, callback) =>
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
  const lookup = (resolve: Resolve, all: boolean) =>
    new Promise<string | LookupAddress[]>((done, fail) =>
      guardedLookup(isOpen, resolve)('h.example', { all }, (error, found) => (error ? fail(error) : done(found))),
    );

  test('hands on open addresses only', async () => {
    const mixed = answers('10.0.0.1', '8.8.8.8', '::1', '2606:4700::1');
    expect(await lookup(mixed, true)).toEqual([
      { address: '8.8.8.8', family: 4 },
      { address: '2606:4700::1', family: 6 },
    ]);
    expect(await lookup(mixed, false)).toBe('8.8.8.8');
  });

  test('refuses a name that leads nowhere else', async () => {
    await expect(lookup(answers('127.0.0.1', 'fe80::1'), true)).rejects.toBeInstanceOf(RefusedAddress);
    await expect(lookup(answers('192.168.0.1'), false)).rejects.toBeInstanceOf(RefusedAddress);
  });

  test('a resolver error stays what it is', async () => {
    const broken: Resolve = (_h, _o, callback) => callback(Object.assign(new Error('x'), { code: 'ENOTFOUND' }), []);
    await expect(lookup(broken, true)).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });
});

describe('connecting', () => {
  const server = createServer((socket) => socket.destroy());
  let connections = 0;
  let port = '';
  beforeAll(async () => {
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    port = String((server.address() as AddressInfo).port);
  });
  beforeEach(() => {
    connections = 0;
  });
  afterAll(() => new Promise((resolve) => server.close(resolve)));

  const connect = (judge: (address: string) => boolean, hostname: string) =>
    new Promise<unknown>((resolve) => {
      const resolveHost: Resolve = (_h, _o, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]);
      guardedConnector(
        judge,
        2_000,
        resolveHost,
      )({ hostname, protocol: 'http:', port }, (error, socket) => {
        socket?.destroy();
        resolve(error);
      });
    });

  test('an address in the URL is judged before any packet leaves', async () => {
    expect(await connect(isOpen, '127.0.0.1')).toBeInstanceOf(RefusedAddress);
    expect(await connect(isOpen, '[::ffff:127.0.0.1]')).toBeInstanceOf(RefusedAddress);
    expect(await connect(isOpen, 'h.example')).toBeInstanceOf(RefusedAddress);
    expect(connections).toBe(0);
    expect(await connect(addressRules(['127.0.0.1']), '127.0.0.1')).toBeNull();
  });

  test('the peer of the socket is judged once more', async () => {
    const verdicts = [true, false];
    expect(await connect(() => verdicts.shift()!, 'h.example')).toBeInstanceOf(RefusedAddress);
    expect(verdicts).toEqual([]);
  });
});
