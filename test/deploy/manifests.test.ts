import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { faultText, readConfig } from '../../src/adapters/config-file';
import { DEFAULT_MODEL } from '../../src/app/models';
import { parseCommandLine } from '../../src/bin/args';
import type { Config } from '../../src/config';
import { detectors } from '../../src/detect/registry';

const root = join(__dirname, '..', '..');
const read = (...path: string[]): string => readFileSync(join(root, ...path), 'utf8');

const sound = (text: string): Config => {
  const loaded = readConfig(text, { checkFiles: false, detectors: detectors.map(({ name }) => name) });
  if (!loaded.ok) throw new Error(loaded.faults.map(faultText).join('\n'));
  return loaded.config;
};

/** Every file that a configuration takes a secret from. */
const secretFiles = (value: unknown): string[] => {
  if (typeof value === 'string') return value.startsWith('file:') ? [value.slice(5)] : [];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(secretFiles) : [];
};

/** An image by a version of at least two numbers: `latest`, none, and `8` alone move under one's feet. */
const pinned = /^[\w./-]+:v?\d+\.\d+[\w.-]*(?:@sha256:[0-9a-f]{64})?$/;
const isNumericUser = (user: unknown) => /^[1-9]\d*(?::[1-9]\d*)?$/.test(String(user));

describe('Dockerfile', () => {
  const lines = read('Dockerfile')
    .replaceAll('\\\n', ' ')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'));
  const last = lines.slice(lines.findLastIndex((line) => line.startsWith('FROM ')));
  const argument = (instruction: string) =>
    last.find((line) => line.startsWith(`${instruction} `))?.slice(instruction.length + 1);

  test('has two stages of one pinned image, of a Node that is supported', () => {
    const images = lines.flatMap((line) => /^FROM (\S+)/.exec(line)?.[1] ?? []);
    expect(images).toHaveLength(2);
    expect(new Set(images).size).toBe(1);
    expect(images[0]).toMatch(pinned);
    expect(images[0]).toMatch(/^node:20\.\d+\.\d+-slim$/);
  });

  test('its last stage has run-time packages alone, and runs as a number that is not root', () => {
    expect(last.join('\n')).toContain('npm ci --omit=dev');
    expect(isNumericUser(argument('USER'))).toBe(true);
    expect(argument('VOLUME')).toBe('/var/lib/keywatch');
  });

  test('has the shipped model where the build looks for it', () => {
    // Both stand side by side, as they do here.
    expect(last).toEqual(expect.arrayContaining(['COPY --from=build /build/dist ./dist', 'COPY models ./models']));
    expect(DEFAULT_MODEL).toBe(join(root, 'models', 'default'));
    expect(existsSync(join(DEFAULT_MODEL, 'card.json'))).toBe(true);
  });

  test('its command is one that keywatch takes, and its health check asks the default port', () => {
    const command = JSON.parse(argument('CMD') ?? '');
    expect(parseCommandLine(command)).toMatchObject({ ok: true });
    const { port } = sound('source: { kind: stdin }').http;
    expect(argument('HEALTHCHECK')).toContain(`http://127.0.0.1:${port}/livez`);
    expect(argument('EXPOSE')).toBe(String(port));
    const [program, flag, script] = JSON.parse(/CMD (\[.*\])$/.exec(argument('HEALTHCHECK') ?? '')?.[1] ?? '[]');
    expect([program, flag]).toEqual(['node', '-e']);
    expect(() => new Function(script)).not.toThrow();
  });

  test('what it copies is there and let through by .dockerignore, which keeps all else out', () => {
    const [first, ...through] = read('.dockerignore')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'));
    expect(first).toBe('*');
    const sources = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1));
    expect([...new Set(sources)].sort()).toEqual(through.map((line) => line.slice(1)).sort());
    for (const source of sources) expect(existsSync(join(root, source))).toBe(true);
  });
});

describe('docker-compose.yml', () => {
  interface Service {
    readonly image: string;
    readonly build?: string;
    readonly user?: string;
    readonly read_only?: boolean;
    readonly cap_drop?: readonly string[];
    readonly profiles?: readonly string[];
    readonly command?: readonly string[];
    readonly entrypoint?: readonly string[];
    readonly ports?: readonly string[];
    readonly secrets?: readonly string[];
    readonly volumes?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
    readonly healthcheck?: { readonly test?: readonly string[]; readonly disable?: boolean };
    readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  }
  const compose = parse(read('docker-compose.yml'));
  const services: Readonly<Record<string, Service>> = compose.services;
  const each = Object.entries(services);

  test.each(each)('%s: a pinned image, ports for this machine alone, no secret in the environment', (_, service) => {
    expect(service.image).toMatch(pinned);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:/);
    for (const name of Object.keys(service.environment ?? {})) expect(name).not.toMatch(/(?:PASSWORD|TOKEN|SECRET)$/);
  });

  test.each(each.filter(([, { build }]) => build !== undefined))(
    '%s: not root, a read-only root, no rights',
    (_, own) => {
      expect(isNumericUser(own.user)).toBe(true);
      expect(own).toMatchObject({ read_only: true, cap_drop: ['ALL'], security_opt: ['no-new-privileges:true'] });
      if (own.entrypoint === undefined) {
        expect(parseCommandLine([...(own.command ?? ['run', '-c', '/etc/keywatch/keywatch.yaml'])])).toMatchObject({
          ok: true,
        });
      } else {
        const [, words] = /^keywatch (.*) > /.exec(own.command?.[0] ?? '') ?? [];
        const plain = words.replace(/"\$\$\(.*\)"/, '2026-01-01T00:00:00Z').split(' ');
        expect(parseCommandLine(plain)).toMatchObject({ ok: true });
      }
    },
  );

  test('what is named is declared: secrets, volumes, services that are waited for', () => {
    for (const [name, service] of each) {
      for (const secret of service.secrets ?? [])
        expect([name, Object.keys(compose.secrets)]).toEqual([name, expect.arrayContaining([secret])]);
      for (const volume of service.volumes ?? []) {
        const [source] = volume.split(':');
        if (source.startsWith('./')) expect([source, existsSync(join(root, source))]).toEqual([source, true]);
        else expect(Object.keys(compose.volumes)).toContain(source);
      }
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        if (condition === 'service_healthy') expect(services[other].healthcheck?.test).toBeDefined();
        else
          expect([condition, services[other].healthcheck?.test]).toEqual(['service_completed_successfully', undefined]);
        // Without its profile it would wait for what does not start.
        expect(services[other].profiles ?? service.profiles).toEqual(service.profiles);
      }
    }
  });

  test('secrets are files outside the repository', () => {
    for (const { file } of Object.values(compose.secrets) as { file: string }[]) expect(file).toMatch(/^\.\/secrets\//);
    expect(read('.gitignore').split('\n')).toContain('/secrets/');
  });

  test('keywatch and what sets it up read one sound configuration, with secrets that they are given', () => {
    const mounted = each.flatMap(([name, { volumes = [] }]) =>
      volumes
        .filter((volume) => volume.endsWith(':/etc/keywatch/keywatch.yaml:ro'))
        .map((volume) => [name, volume.split(':')[0]]),
    );
    expect(mounted).toEqual([
      ['elasticsearch-templates', './config/keywatch.compose.yaml'],
      ['keywatch', './config/keywatch.compose.yaml'],
    ]);
    const config = sound(read('config', 'keywatch.compose.yaml'));
    const given = services.keywatch.secrets?.map((secret) => `/run/secrets/${secret}`);
    expect(given).toEqual(secretFiles(config));
    for (const [name] of mounted) expect(services[name].secrets).toEqual(expect.arrayContaining(['keywatch_password']));
    expect(config.http).toEqual({ host: '0.0.0.0', port: 9464 });
    expect(services.keywatch.volumes?.some((volume) => config.state.dir.startsWith(`${volume.split(':')[1]}/`))).toBe(
      true,
    );
  });

  test('every topic of the configuration is made, and every host in it is a service', () => {
    const text = read('config', 'keywatch.compose.yaml');
    const topics = [...text.matchAll(/topic: (\S+)/g)].map(([, topic]) => topic);
    const [, made] = /for topic in (.*);/.exec(services.topics.command?.[2] ?? '') ?? [];
    expect(made.split(' ').sort()).toEqual([...topics].sort());
    const hosts = [...text.matchAll(/"(?:http:\/\/)?([\w-]+):\d+"/g)].map(([, host]) => host);
    for (const host of hosts) expect(Object.keys(services)).toContain(host);
    expect(services.kafka.environment?.KAFKA_ADVERTISED_LISTENERS).toContain('INTERNAL://kafka:19092');
    expect(text).toContain('kafka:19092');
  });

  test('the demo is a profile, and nothing else is', () => {
    const inProfile = each
      .filter(([, { profiles }]) => profiles !== undefined)
      .map(([name, { profiles }]) => [name, profiles]);
    expect(inProfile).toEqual([
      ['demo-traffic', ['demo']],
      ['demo-producer', ['demo']],
    ]);
  });

  test('the user that it makes for keywatch may do what keywatch asks for, and no more', () => {
    const script = read('deploy', 'compose', 'elasticsearch-users.sh');
    const [, role] = /role\/keywatch <<< '(.*)'/.exec(script) ?? [];
    expect(JSON.parse(role)).toEqual({
      indices: [{ names: ['logs-keywatch.alert-default'], privileges: ['auto_configure', 'create_doc'] }],
    });
    expect(statSync(join(root, 'deploy', 'compose', 'elasticsearch-users.sh')).isFile()).toBe(true);
  });
});

describe('deploy/kubernetes', () => {
  const folder = join(root, 'deploy', 'kubernetes');
  const documents = readdirSync(folder).map((name) => parse(read('deploy', 'kubernetes', name)));
  const of = (kind: string) => documents.find((document) => document.kind === kind);
  const { spec } = of('StatefulSet');
  const pod = spec.template.spec;
  const [container] = pod.containers;

  test('every manifest has its version, kind and name, and none is a secret', () => {
    const versions = documents.map(({ apiVersion, kind, metadata }) => `${apiVersion} ${kind} ${metadata.name}`);
    expect(versions.sort()).toEqual([
      'apps/v1 StatefulSet keywatch',
      'policy/v1 PodDisruptionBudget keywatch',
      'v1 ConfigMap keywatch',
      'v1 Service keywatch',
    ]);
  });

  test('keeps to the restricted profile of the Pod Security Standards, with a read-only root', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(isNumericUser(pod.securityContext.runAsUser)).toBe(true);
    expect(container.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    expect(pod).not.toMatchObject({ hostNetwork: true });
    const kinds = pod.volumes.flatMap((volume: object) => Object.keys(volume).filter((name) => name !== 'name'));
    expect(kinds).toEqual(['configMap', 'secret']);
    expect(container.image).toMatch(pinned);
  });

  test('its labels select its own pods', () => {
    const { labels } = spec.template.metadata;
    expect(spec.selector.matchLabels).toEqual(labels);
    expect(of('Service').spec.selector).toEqual(labels);
    expect(of('PodDisruptionBudget').spec.selector.matchLabels).toEqual(labels);
    expect(spec.serviceName).toBe(of('Service').metadata.name);
  });

  test('probes ask for paths of the operations endpoint at the port of the configuration', () => {
    const { config } = { config: sound(of('ConfigMap').data['keywatch.yaml']) };
    const [port] = container.ports;
    expect([config.http.host, config.http.port]).toEqual(['0.0.0.0', port.containerPort]);
    const probes = ['startupProbe', 'livenessProbe', 'readinessProbe'].map((name) => container[name].httpGet);
    expect(probes.map(({ path }) => path)).toEqual(['/livez', '/livez', '/readyz']);
    for (const probe of probes) expect(probe.port).toBe(port.name);
    expect(of('Service').spec.ports[0]).toMatchObject({ port: config.http.port, targetPort: port.name });
  });

  test('every volume that is mounted is there; configuration, secrets and state lie in them', () => {
    const known = [...pod.volumes, ...spec.volumeClaimTemplates.map(({ metadata }: { metadata: object }) => metadata)];
    const mounts = new Map<string, { mountPath: string; readOnly?: boolean }>();
    for (const mount of container.volumeMounts) mounts.set(mount.name, mount);
    expect([...mounts.keys()].sort()).toEqual(known.map(({ name }) => name).sort());
    expect(parseCommandLine(container.args)).toMatchObject({ ok: true });
    expect(container.args).toContain(mounts.get('config')?.mountPath);
    const config = sound(of('ConfigMap').data['keywatch.yaml']);
    for (const file of secretFiles(config)) expect(file).toMatch(`${mounts.get('secrets')?.mountPath}/`);
    expect(config.state.dir).toMatch(`${mounts.get('state')?.mountPath}/`);
    expect(pod.volumes.find(({ name }: { name: string }) => name === 'secrets').secret.defaultMode).toBe(0o440);
    expect(config.enforce.mode).toBe('dry-run');
  });

  test('the API that is a comment there is sound as well, and listens inside the pod alone', () => {
    const commented = of('ConfigMap').data['keywatch.yaml'].replace(/^# (?=api:| {2})/gm, '');
    const { api } = sound(commented);
    expect(api?.host).toBe('127.0.0.1');
    expect(read('docs', 'operations.md')).toContain('--from-file=api-token=');
    expect(secretFiles(api)).toEqual(['/etc/keywatch/secrets/api-token']);
    expect(of('Service').spec.ports.map(({ port }: { port: number }) => port)).not.toContain(api?.port);
  });

  test('docs/operations.md makes every secret that the configuration reads', () => {
    const page = read('docs', 'operations.md');
    const config = sound(of('ConfigMap').data['keywatch.yaml']);
    for (const file of secretFiles(config)) expect(page).toContain(`--from-file=${file.split('/').at(-1)}=`);
  });
});

describe('deploy/systemd/keywatch.service', () => {
  const entries = read('deploy', 'systemd', 'keywatch.service')
    .split('\n')
    .filter((line) => /^[A-Z]\w+=/.test(line))
    .map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  const unit = new Map(entries);

  test('runs a command that keywatch takes, as a user of its own, with one writable folder', () => {
    const words = unit.get('ExecStart')?.split(' ') ?? [];
    expect(parseCommandLine(words.slice(2))).toMatchObject({ ok: true });
    expect(unit.get('User')).not.toBe('root');
    expect(unit.get('WorkingDirectory')).toBe(`/var/lib/${unit.get('StateDirectory')}`);
    expect(unit.has('ReadWritePaths')).toBe(false);
  });

  test('is shut in, except for what would stop Node', () => {
    const wanted = { ProtectSystem: 'strict', ProtectHome: 'yes', NoNewPrivileges: 'yes', CapabilityBoundingSet: '' };
    expect(Object.fromEntries(unit)).toMatchObject(wanted);
    expect(unit.has('MemoryDenyWriteExecute')).toBe(false);
  });

  test('takes secrets as credentials, never by the environment', () => {
    expect(unit.get('LoadCredential')).toMatch(/^[\w-]+:\//);
    expect([...unit.keys()].filter((name) => name.startsWith('Environment'))).toEqual([]);
  });

  test('does not start again what a person must mend', () => {
    expect(unit.get('RestartPreventExitStatus')).toBe('2 64');
  });
});
