import { faultText, readConfig } from '../../src/adapters/config-file';
import { detectors } from '../../src/detect/registry';

const faults = (document: object) => {
  const text = JSON.stringify({ source: { kind: 'stdin' }, ...document });
  const loaded = readConfig(text, { checkFiles: false, detectors: detectors.map(({ name }) => name) });
  return loaded.ok ? [] : loaded.faults.map(faultText);
};
const leaks = { secretFrom: 'env:S' };
const owner = {
  url: 'https://keys.example',
  linkSecretFrom: 'env:L',
  mail: { host: 'smtp.example', from: 'a@example.com' },
};
const inventory = { path: 'keys.yaml' };
const key = { id: 'a', keyFrom: 'env:K' };

test.each([
  [{ inbound: {}, leaks }],
  [{ inbound: { host: '0.0.0.0', allowHttp: true }, leaks: { github: { keys: [key] } } }],
  [{ inbound: {}, owner, inventory }],
  [{ inbound: {}, inventory, owner: { ...owner, mail: { host: '127.0.0.1', from: 'a@b', tls: 'none' } } }],
  [{ inbound: {}, inventory, owner: { ...owner, chat: { style: 'slack', urlFrom: 'env:C' } } }],
  [
    {
      inbound: {},
      inventory,
      owner: { ...owner, mail: undefined, chat: { style: 'teams', owners: { team: { urlFrom: 'env:C' } } } },
    },
  ],
])('%j is sound', (document) => expect(faults(document)).toEqual([]));

test.each([
  [{ leaks }, 'leaks: expected inbound beside it'],
  [{ inbound: {} }, 'inbound: expected leaks or owner beside it'],
  [{ inbound: {}, leaks: {} }, 'leaks: expected github.keys or secretFrom'],
  [{ inbound: {}, leaks: { ...leaks, for: '0s' } }, 'leaks.for: expected more than zero'],
  [{ inbound: {}, leaks: { github: { keys: [key, key] } } }, 'leaks.github.keys[1].id: expected an id of its own'],
  [{ inbound: { host: '0.0.0.0' }, leaks }, 'inbound.tls: required beyond the loopback'],
  [{ inbound: { port: 9464 }, leaks }, 'inbound.port: expected another'],
  [{ owner, inventory }, 'owner: expected inbound beside it'],
  [{ inbound: {}, owner }, 'owner: expected inventory beside it'],
  [{ inbound: {}, inventory, owner: { ...owner, expires: '31d' } }, 'owner.expires: expected at most 30d'],
  [
    { inbound: {}, inventory, owner: { ...owner, mail: { ...owner.mail, user: 'u' } } },
    'owner.mail: expected user and',
  ],
  [
    { inbound: {}, inventory, owner: { ...owner, mail: { ...owner.mail, tls: 'none' } } },
    'owner.mail.tls: none is for',
  ],
  [{ inbound: {}, inventory, owner: { ...owner, mail: undefined } }, 'owner: expected mail or chat'],
  [{ inbound: {}, inventory, owner: { ...owner, chat: { style: 'slack' } } }, 'owner.chat: expected urlFrom or owners'],
  [
    {
      inbound: {},
      inventory,
      owner: { ...owner, chat: { style: 'slack', urlFrom: 'https://hooks.example/T0/secret' } },
    },
    'owner.chat.urlFrom: the secret itself does not belong here',
  ],
  [
    {
      inbound: {},
      inventory,
      owner: { ...owner, chat: { style: 'slack', owners: { team: { urlFrom: 'https://hooks.example/T0/secret' } } } },
    },
    'owner.chat.owners.team.urlFrom: the secret itself does not belong here',
  ],
])('%j: %s', (document, fault) => {
  const [setting, expected] = fault.split(': ');
  const found = faults(document);
  expect(found).toHaveLength(1);
  expect(found[0].startsWith(`${setting}: `)).toBe(true);
  expect(found[0]).toContain(expected);
  expect(found[0]).not.toContain('hooks.example');
});
