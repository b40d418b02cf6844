/** Logs with one secret in every place where a format may hold one, and a stolen key in them. */

/**
 * One secret text in every place where a log may hold one. It has the shape of a token, but is found by its plain words
 * as well, so that a half-removed one shows.
 */
export const secret = (owner: string) => `sk_live_CANARY${owner}4f9a8b7c6d5e4f3a2b1c0d9e8f7a6b5c`;
export const traces = [
  'live_canary',
  '4f9a8b7c',
  '0d9e8f7a6b5c',
  Buffer.from(secret('Own')).toString('base64').slice(0, 20),
];

const START = Date.UTC(2026, 0, 5);
const MINUTE = 60_000;

export interface Request {
  readonly at: number;
  readonly owner: string;
  readonly thief: boolean;
}

/** Four keys used from one place every twenty minutes for nine days; then one of each format's keys is stolen. */
export function* traffic(): Generator<Request> {
  const end = START + 9 * 1_440 * MINUTE;
  for (let at = START; at < end; at += 20 * MINUTE) {
    for (const owner of ['Own', 'Two', 'Raw', 'Four']) yield { at: at + owner.length * 1_000, owner, thief: false };
    if (at < end - 120 * MINUTE) continue;
    for (let i = 0; i < 40; i++) yield { at: at + 10_000 + i * 1_000, owner: i % 2 ? 'Own' : 'Raw', thief: true };
  }
}

const ipOf = ({ thief, owner }: Request) => (thief ? '177.71.128.9' : `93.184.216.${owner.length}`);
const agentOf = ({ thief, owner }: Request) => (thief ? `curl/8.5 (key ${secret(owner)})` : 'billing-client/2.1');
const pathOf = ({ owner, thief }: Request) =>
  `/v1/${thief ? `export/${secret(owner)}` : 'orders'}?apikey=${secret(owner)}&access_token=${secret(owner)}`;
const raw = ({ owner }: Request) => owner === 'Raw';

export const leakyFormats: Readonly<Record<string, (request: Request) => unknown>> = {
  keywatch: (r) => ({
    ts: new Date(r.at).toISOString(),
    key: raw(r) ? secret(r.owner) : `key-${r.owner}`,
    keyName: `name ${secret(r.owner)}`,
    tenant: `acme ${secret(r.owner)}`,
    ip: ipOf(r),
    method: r.thief ? 'POST' : 'GET',
    path: pathOf(r),
    route: `/v1/${secret(r.owner)}`,
    status: r.thief ? 403 : 200,
    userAgent: agentOf(r),
    requestId: secret(r.owner),
    outcome: secret(r.owner).slice(0, 60),
    [secret(r.owner)]: secret(r.owner),
  }),
  kong: (r) => ({
    request: {
      id: secret(r.owner),
      method: r.thief ? 'POST' : 'GET',
      uri: pathOf(r),
      url: `https://user:${secret(r.owner)}@api.example${pathOf(r)}`,
      querystring: { apikey: secret(r.owner), page: secret(r.owner) },
      headers: {
        apikey: secret(r.owner),
        authorization: `Bearer ${secret(r.owner)}`,
        'proxy-authorization': `Basic ${Buffer.from(secret(r.owner)).toString('base64')}`,
        cookie: `session=${secret(r.owner)}`,
        'user-agent': agentOf(r),
        'x-request-id': secret(r.owner),
        'x-custom': secret(r.owner),
      },
    },
    response: { status: r.thief ? 403 : 200, size: '512', headers: { 'set-cookie': secret(r.owner) } },
    latencies: { request: 12 },
    ...(raw(r)
      ? {}
      : {
          authenticated_entity: { id: `key-${r.owner}` },
          consumer: { id: `c-${r.owner}`, username: `it is ${secret(r.owner)}`, custom_id: secret(r.owner) },
        }),
    route: { name: `route ${secret(r.owner)}` },
    service: { name: secret(r.owner) },
    workspace_name: `space ${secret(r.owner)}`,
    client_ip: ipOf(r),
    started_at: r.at,
    tries: [{ ip: secret(r.owner) }],
  }),
  'nginx-json': (r) => ({
    time: new Date(r.at).toISOString(),
    remote_addr: ipOf(r),
    request: `GET ${pathOf(r)} HTTP/1.1`,
    method: r.thief ? 'POST' : 'GET',
    uri: pathOf(r),
    args: `apikey=${secret(r.owner)}`,
    status: r.thief ? '403' : '200',
    body_bytes_sent: '512',
    ua: agentOf(r),
    http_referer: `https://a.example/?token=${secret(r.owner)}`,
    http_authorization: `Bearer ${secret(r.owner)}`,
    http_x_api_key: secret(r.owner),
    http_cookie: secret(r.owner),
    request_id: secret(r.owner),
    tenant: `acme ${secret(r.owner)}`,
    consumer: `name ${secret(r.owner)}`,
    route: `route ${secret(r.owner)}`,
    ...(raw(r) ? {} : { key_id: `key-${r.owner}` }),
  }),
  'nginx-combined': (r) => {
    const day = new Date(r.at).toISOString();
    const time = `${day.slice(8, 10)}/Jan/2026:${day.slice(11, 19)} +0000`;
    const head = `${ipOf(r)} - - [${time}] "${r.thief ? 'POST' : 'GET'} ${pathOf(r)} HTTP/1.1" ${r.thief ? 403 : 200} 512`;
    return `${head} "https://a.example/?key=${secret(r.owner)}" "${agentOf(r)}" "${raw(r) ? secret(r.owner) : `key-${r.owner}`}"`;
  },
  apisix: (r) => ({
    client_ip: ipOf(r),
    start_time: r.at,
    route_id: secret(r.owner),
    service_id: secret(r.owner),
    ...(raw(r) ? {} : { consumer: { username: `it is ${secret(r.owner)}` } }),
    request: {
      method: r.thief ? 'POST' : 'GET',
      uri: pathOf(r),
      url: `http://user:${secret(r.owner)}@api.example${pathOf(r)}`,
      querystring: { apikey: secret(r.owner), page: [secret(r.owner)] },
      headers: {
        apikey: secret(r.owner),
        authorization: [`Bearer ${secret(r.owner)}`],
        cookie: `session=${secret(r.owner)}`,
        'user-agent': agentOf(r),
        'x-request-id': secret(r.owner),
        'X-Custom': secret(r.owner),
        ...(raw(r) ? {} : { 'x-credential-identifier': `key-${r.owner}` }),
      },
      body: secret(r.owner),
      size: 90,
    },
    response: { status: r.thief ? 403 : 200, size: '512', headers: { 'set-cookie': secret(r.owner) } },
    latency: 12,
    apisix_latency: 2,
    server: { hostname: secret(r.owner) },
  }),
  envoy: (r) => ({
    start_time: new Date(r.at).toISOString(),
    method: r.thief ? 'POST' : 'GET',
    path: pathOf(r),
    response_code: r.thief ? 403 : 200,
    response_flags: secret(r.owner),
    bytes_sent: 512,
    duration: 12,
    x_forwarded_for: secret(r.owner),
    user_agent: agentOf(r),
    request_id: secret(r.owner),
    authority: secret(r.owner),
    downstream_remote_address: `${ipOf(r)}:5234`,
    route_name: secret(r.owner),
    x_api_key: secret(r.owner),
    authorization: `Bearer ${secret(r.owner)}`,
    consumer: `name ${secret(r.owner)}`,
    ...(raw(r) ? {} : { api_key_id: `key-${r.owner}` }),
  }),
  mapping: (r) => ({
    meta: { at: r.at, id: secret(r.owner) },
    auth: {
      key: raw(r) ? secret(r.owner) : `key-${r.owner}`,
      name: `name ${secret(r.owner)}`,
      org: `acme ${secret(r.owner)}`,
      token: secret(r.owner),
    },
    from: ipOf(r),
    url: pathOf(r),
    route: `/v1/${secret(r.owner)}`,
    code: r.thief ? 403 : 200,
    agent: agentOf(r),
    verdict: secret(r.owner).slice(0, 60),
    headers: { 'X-Api-Key': secret(r.owner), cookie: secret(r.owner) },
    [secret(r.owner)]: secret(r.owner),
  }),
};

/** Settings that a format needs beside its name. */
export const leakyIngest: Readonly<Record<string, object>> = {
  mapping: {
    mapping: {
      time: 'meta.at',
      key: 'auth.key',
      keyName: 'auth.name',
      tenant: 'auth.org',
      ip: 'from',
      path: 'url',
      route: 'route',
      status: 'code',
      userAgent: 'agent',
      requestId: 'meta.id',
      outcome: 'verdict',
      headers: 'headers',
      secrets: ['auth.token'],
    },
  },
};
