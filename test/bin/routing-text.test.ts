import { routingText, windowText } from '../../src/bin/routing-text';
import { configSchema } from '../../src/config';

test('what an output takes, and when alerts interrupt nobody', () => {
  const { alerts, maintenance } = configSchema.parse({
    source: { kind: 'stdin' },
    alerts: [
      { kind: 'console' },
      { kind: 'console', kinds: ['alert', 'notice'], minSeverity: 'high', rateLimit: { documents: 5 } },
    ],
    maintenance: [
      { name: 'once', from: '2026-03-01T22:00:00Z', to: '2026-03-02T02:00:00Z' },
      {
        name: 'weekly',
        weekly: { days: ['sat', 'sun'], from: '22:00', to: '02:00', zone: 'Europe/Berlin' },
        match: { keys: ['a', 'b', 'c', 'd'], tenants: ['acme'] },
      },
    ],
  });
  expect(alerts.map(routingText)).toEqual(['', ' (alerts and notices, from high, at most 5 in 60m)']);
  expect(maintenance.map(windowText)).toEqual([
    'once: from 2026-03-01T22:00:00Z to 2026-03-02T02:00:00Z, all keys',
    'weekly: sat, sun 22:00 to 02:00 Europe/Berlin, keys a or b or c … and tenants acme',
  ]);
});
