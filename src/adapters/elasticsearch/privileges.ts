import { dataStreamName } from './data-stream';

/** A request as Kibana's console takes it. */
export interface ConsoleRequest {
  readonly about: string;
  readonly line: string;
  readonly body: Readonly<Record<string, unknown>>;
}

/**
 * All that the running keywatch needs. `create_doc` adds documents and changes none, so that a stolen key of the writer
 * cannot alter past alerts; `auto_configure` lets the first alert create the data stream from its template.
 */
const descriptor = (namespace: string) => ({
  cluster: [],
  indices: [{ names: [dataStreamName(namespace)], privileges: ['auto_configure', 'create_doc'] }],
});

/** The least-privilege role, and the API key with the same rights whose `encoded` value `apiKeyFrom` leads to. */
export const privilegeRequests = (namespace: string): readonly ConsoleRequest[] => [
  {
    about: 'A role for the user of basic.username. An API key needs none.',
    line: 'PUT /_security/role/keywatch_writer',
    body: descriptor(namespace),
  },
  {
    about: 'An API key with the same rights: put "encoded" of the answer where apiKeyFrom looks for it.',
    line: 'POST /_security/api_key',
    body: {
      name: `keywatch-${namespace}`,
      role_descriptors: { keywatch_writer: descriptor(namespace) },
      metadata: { application: 'keywatch' },
    },
  },
];

/** For Kibana's console: the comment, the request line, the body. */
export const consoleText = ({ about, line, body }: ConsoleRequest): string =>
  `# ${about}\n${line}\n${JSON.stringify(body, null, 2)}\n`;
