export interface DoctorInvocation {
  readonly command: 'doctor' | 'status';
  readonly config: string;
  /** For machines: JSON on standard output. */
  readonly json: boolean;
}

interface Words {
  readonly options: ReadonlyMap<string, string | true>;
}

/** Reads `doctor [OPTIONS]` and `status [OPTIONS]`. */
export const doctorInvocation = (
  command: DoctorInvocation['command'],
  words: Words,
  config: string,
): DoctorInvocation => ({ command, config, json: words.options.has('json') });
