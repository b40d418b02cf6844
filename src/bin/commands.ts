import { type CommandSpec, config, format, help } from './command-spec';
import { initCommand } from './init-command';

export type { CommandSpec, OptionSpec } from './command-spec';

/** The commands and their options: what the parser accepts and what the help says come from this one table. */
export const commands = {
  demo: {
    summary: 'Watch it work: simulated keys, stolen keys, alerts and a suspension.',
    usage: 'keywatch demo [--seed N]',
    about: [
      'Streams the traffic of a simulated fleet of API keys through the whole product within a minute. Some keys are',
      'stolen. Alerts appear with their reasons, and the suspension goes to a small receiver that the demo starts on',
      'this machine. Needs no configuration, no network and no other server, and leaves nothing behind.',
    ],
    options: { seed: { type: 'string', value: 'N', help: 'Another fleet and other thefts (default 1).' }, help },
    files: 0,
    examples: [['Another fleet', 'keywatch demo --seed 7']],
  },
  replay: {
    summary: 'Read a usage log from the past and say what would have been alerted.',
    usage: 'keywatch replay FILE… [-c FILE] [--format NAME] [--partitions N] [--report]',
    about: [
      'Reads usage logs as NDJSON or text, plain or gzip; several files are read in time order; a directory stands for',
      'the files in it, - for standard input. Alerts and the actions that would have been asked for come as NDJSON on',
      'standard output, one ECS document a line. Nothing is suspended and nothing is sent.',
    ],
    options: {
      config: config('Take detection, policy and formats from this configuration.'),
      format: format(''),
      partitions: { type: 'string', value: 'N', help: 'Divide the keys as a log of N partitions would (default 1).' },
      report: { type: 'boolean', help: 'A page for people instead of NDJSON.' },
      help,
    },
    files: Number.POSITIVE_INFINITY,
    examples: [
      ['Read a page about last month', 'keywatch replay --report access-2026-01.ndjson.gz'],
      [
        'Only the alerts, not their updates and endings',
        'keywatch replay logs/ | jq \'select(.event.kind == "alert")\'',
      ],
      ['From standard input, NGINX format', 'zcat access.log.*.gz | keywatch replay --format nginx-combined -'],
    ],
  },
  evaluate: {
    summary: 'Measure on labelled traffic what is found and what is falsely alerted.',
    usage:
      'keywatch evaluate FILE… (--labels FILE | --inject N) [OPTIONS]\n       keywatch evaluate --set DIR/PREFIX [--set …] [OPTIONS]',
    about: [
      'Runs logs as replay does and scores the alerts: thefts found by kind, requests of the thief until the alert, false',
      'alerts per 1,000 key-days, found within budgets of false alerts, cross-validated over keys, with intervals, beside',
      'plain rules (new country, new /16, new agent, rare values, a coin). Without labels, --inject makes thefts of the',
      'log itself: requests of other keys’ clients are moved to a key. Several --set are pooled under one threshold; a',
      'set without a theft is a control.',
    ],
    options: {
      labels: { type: 'string', value: 'FILE', help: 'The thefts, one {key, start, windowEnd, kind} a line.' },
      newcomers: { type: 'string', value: 'FILE', help: 'Harmless newcomers, one {key, first, last} a line.' },
      'attack-lines': { type: 'string', value: 'FILE', help: 'JSON array: lines (from 0) of the thieves’ requests.' },
      plain: { type: 'string', value: 'FILE', help: 'The same traffic without the incidents of --windows.' },
      windows: { type: 'string', value: 'FILE', help: 'Incidents of the whole fleet, one {start, end, kind} a line.' },
      set: { type: 'string', value: 'DIR/PREFIX', many: true, help: 'A labelled stream with its files beside it.' },
      inject: { type: 'string', value: 'N', help: 'Make N thefts of the log itself, 1–10,000.' },
      seed: { type: 'string', value: 'N', help: 'Decides thefts, intervals and the coin (default 1).' },
      budget: { type: 'string', value: 'N', help: 'Name the risk that keeps N false alerts per 1,000 key-days.' },
      json: { type: 'string', value: 'FILE', help: 'Write everything here as JSON.' },
      html: { type: 'string', value: 'FILE', help: 'Write a page with plots here.' },
      config: config('Take detection, policy and formats from this configuration.'),
      format: format(''),
      help,
    },
    files: Number.POSITIVE_INFINITY,
    examples: [
      ['On your own log, with thefts made of it', 'keywatch evaluate access.ndjson.gz --inject 40 --html report.html'],
      [
        'On simulated traffic',
        'keywatch simulate --labels labels.ndjson > events.ndjson && keywatch evaluate events.ndjson --labels labels.ndjson',
      ],
      [
        'Which risk keeps 10 false alerts per 1,000 key-days?',
        'keywatch evaluate access.ndjson.gz --inject 40 --budget 10',
      ],
    ],
  },
  init: initCommand,
  run: {
    summary: 'Watch a live usage log; alert, and suspend where the policy allows it.',
    usage: 'keywatch run -c FILE',
    about: [
      'Reads the usage log that the configuration names, until it is stopped. In dry run, the default, it says what it',
      'would do and suspends nothing. SIGTERM or SIGINT: it finishes what it has in hand and stops; a second one stops',
      'it at once, which loses nothing either. /livez, /readyz and /metrics are served at http.host and http.port of the',
      'configuration, by default 127.0.0.1:9464.',
    ],
    options: { config: config('The configuration, YAML or JSON.'), help },
    files: 0,
    examples: [
      ['See whether the configuration is sound', 'keywatch check-config keywatch.yaml'],
      ['Run', 'keywatch run -c keywatch.yaml'],
      ['What is down?', 'curl -s http://127.0.0.1:9464/readyz'],
    ],
  },
  expect: {
    summary: 'Declare that the use of a key is about to change, so that nobody is alarmed.',
    usage: 'keywatch expect KEY -c FILE [--until TIME] [--facets NAMES] [--by NAME]',
    about: [
      'Until then the new habits of the key are learned without suspicion, and evidence of the named facets is not',
      'alerted. Declared limits hold all the same. The declaration lies in the state directory of the configuration,',
      'where the running process finds it within seconds.',
    ],
    options: {
      config: config('The configuration that the running process has.'),
      until: { type: 'string', value: 'TIME', help: 'End, RFC 3339 (default: a day from now).' },
      facets: { type: 'string', value: 'NAMES', help: 'What changes (default actor,geography,client).' },
      by: { type: 'string', value: 'NAME', help: 'Who declares it; goes into the log.' },
      help,
    },
    files: 1,
    examples: [
      ['A move to another provider', 'keywatch expect k_4711 -c keywatch.yaml --until 2026-12-01T00:00:00Z --by ops'],
      ['A day of load tests', 'keywatch expect k_4711 -c keywatch.yaml --facets volume,errors'],
    ],
  },
  setup: {
    summary: 'Prepare a server for what keywatch writes: index templates, rights.',
    usage: 'keywatch setup elasticsearch -c FILE [--dry-run] [--api-key-from REF | --basic-from REF]',
    about: [
      'elasticsearch: installs the index and component templates of the alerts, with their retention, on each cluster that',
      'the configuration sends alerts to. Done again, it changes nothing. Prints the least-privilege role and the API key',
      "request for Kibana's console; with --dry-run it prints the templates too, says what it would do and writes nothing.",
      'It needs more rights than keywatch has later: manage_index_templates, and manage of the data stream.',
    ],
    options: {
      config: config('The configuration, YAML or JSON.'),
      'dry-run': { type: 'boolean', help: 'Only look, and say what would be done.' },
      'api-key-from': { type: 'string', value: 'REF', help: 'env:NAME or file:/path of an API key for this once.' },
      'basic-from': { type: 'string', value: 'REF', help: 'The same of user:password.' },
      help,
    },
    files: 1,
    examples: [
      ['What would be done?', 'keywatch setup elasticsearch -c keywatch.yaml --dry-run'],
      ['As an administrator', 'keywatch setup elasticsearch -c keywatch.yaml --basic-from env:ELASTIC_LOGIN'],
    ],
  },
  simulate: {
    summary: 'Write labelled traffic of a simulated fleet of API keys, or put simulated thefts into a log.',
    usage:
      'keywatch simulate [--seed N] [--keys N] [--days N] [--thefts N] [--labels FILE] [OPTIONS]\n       keywatch simulate --into FILE [--into …] --labels FILE [--thefts N] [--seed N] [OPTIONS]',
    about: [
      "Writes usage events in keywatch's own format as NDJSON on standard output, in time order. The same options give",
      'the same bytes. The thefts hidden in it are listed in the file of --labels, one JSON object a line.',
      '',
      'With --into the traffic is that of a log, read twice and written in the same format, with thieves of the simulated',
      'kinds among its clients: they use keys of the log, in the last 35 % of its time, and do what its clients do.',
      'Kinds take turns; those that the log offers no place for are left out.',
    ],
    options: {
      seed: { type: 'string', value: 'N', help: 'Number that decides everything random (default 1).' },
      keys: { type: 'string', value: 'N', help: 'Keys in the fleet, 1–65,536 (default 50).' },
      days: { type: 'string', value: 'N', help: 'Days of traffic, 1–3,660 (default 14).' },
      rate: { type: 'string', value: 'N', help: 'Requests of a key on a mean day, 1–1,000,000 (default 400).' },
      thefts: { type: 'string', value: 'N', help: 'Thefts, in the last third of the time (default 5).' },
      start: { type: 'string', value: 'TIME', help: 'First moment, RFC 3339 (default 2026-01-05T00:00:00Z).' },
      into: { type: 'string', value: 'FILE', many: true, help: 'A log to put thefts into, plain or gzip.' },
      format: format('Of --into: '),
      labels: { type: 'string', value: 'FILE', help: 'Write here when and how each key was stolen.' },
      newcomers: { type: 'string', value: 'FILE', help: 'Write here what begins harmlessly; not with --into.' },
      'attack-lines': {
        type: 'string',
        value: 'FILE',
        help: 'Write here, at the end, the lines (from 0) of the thieves’ requests.',
      },
      help,
    },
    files: 0,
    examples: [
      ['Two weeks, and what to find in them', 'keywatch simulate --labels labels.ndjson > events.ndjson'],
      ['Straight into a replay', 'keywatch simulate --keys 20 | keywatch replay --report -'],
      [
        'Thieves in a log of your own',
        'keywatch simulate --into access.ndjson.gz --thefts 20 --labels labels.ndjson > mixed.ndjson',
      ],
    ],
  },
  doctor: {
    summary: 'Look at everything that a run needs, and say what to do about what is wrong.',
    usage: 'keywatch doctor -c FILE [--json]',
    about: [
      'Checks configuration, secrets, state directory, free space, lock, clock, the log (brokers, login, topic, group,',
      'retention, format of the newest records) and every output. Each check ends within seconds and changes nothing:',
      'no alert is written and no webhook called. A failed check ends with code 1; warnings do not.',
    ],
    options: {
      config: config('The configuration, YAML or JSON.'),
      json: { type: 'boolean', help: 'One JSON object: {ok, findings: [{check, standing, saw, todo}]}.' },
      help,
    },
    files: 0,
    examples: [
      ['Before the first start', 'keywatch doctor -c keywatch.yaml'],
      [
        'Only what failed',
        'keywatch doctor -c keywatch.yaml --json | jq \'.findings[] | select(.standing == "failed")\'',
      ],
    ],
  },
  status: {
    summary: 'Say how the running process is, in a page.',
    usage: 'keywatch status -c FILE [--json]',
    about: [
      'Asks /readyz and /metrics at http.host and http.port of the configuration: up and ready or why not, how far behind,',
      'keys, circuit breaker, deliveries, dead letters, last checkpoint. Code 0 when it is ready, 1 when it is not or does',
      'not answer.',
    ],
    options: {
      config: config('The configuration that the running process has.'),
      json: { type: 'boolean', help: 'One JSON object.' },
      help,
    },
    files: 0,
    examples: [['How is it?', 'keywatch status -c keywatch.yaml']],
  },
  'check-config': {
    summary: 'Say everything that is wrong with a configuration, or what would run.',
    usage: 'keywatch check-config FILE [--print]',
    about: [
      'Reads a configuration and every file and secret that it names, and lists all faults at once on standard error:',
      'where, what stands there, what was expected. Secrets are never shown.',
    ],
    options: {
      config: config('The configuration; may also stand alone.'),
      print: { type: 'boolean', help: 'Every value in force and whether it is from the file or a default.' },
      help,
    },
    files: 1,
    examples: [
      ['Check', 'keywatch check-config keywatch.yaml'],
      ['Which values differ from the defaults?', 'keywatch check-config keywatch.yaml --print | grep "# file"'],
    ],
  },
} as const satisfies Readonly<Record<string, CommandSpec>>;

export type CommandName = keyof typeof commands;
export const commandNames = Object.keys(commands) as CommandName[];
export const isCommand = (name: string): name is CommandName => Object.hasOwn(commands, name);
