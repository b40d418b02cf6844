import { closeSync, constants, fstatSync, openSync, readFileSync, realpathSync } from 'node:fs';
import { isAbsolute, join, relative, sep } from 'node:path';

/** Why a model is not used: a sentence for the operator, with the file that it is about. */
export class ModelFault extends Error {
  override readonly name = 'ModelFault';
}

export const CARD_FILE = 'card.json';
export const MODEL_FILE = 'model.json';
export const WEIGHTS_FILE = 'weights.bin';

/** The folder itself, links resolved. Throws ModelFault. */
export function modelFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    throw new ModelFault(`${path}: there is no such model (${codeOf(error)})`);
  }
}

/**
 * A file of a model, read whole. Its name must be one of the folder: a path that leads out of it, by `..` or by a link,
 * is refused, as is anything but a plain file and one of more than `most` bytes. Throws ModelFault.
 */
export function readInside(folder: string, name: string, most: number): Buffer {
  const path = join(folder, name);
  if (isAbsolute(name) || name.includes('\0') || leaves(folder, path)) {
    throw new ModelFault(`${folder}: ${JSON.stringify(name)} leads out of the model's folder`);
  }
  let file: number | undefined;
  try {
    if (leaves(folder, realpathSync(path)))
      throw new ModelFault(`${folder}: ${JSON.stringify(name)} is a link out of the model's folder`);
    // A pipe would be waited for without end.
    file = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const { size } = checked(path, fstatSync(file), most);
    const bytes = readFileSync(file);
    if (bytes.length !== size) throw new ModelFault(`${path} changed while it was read`);
    return bytes;
  } catch (error) {
    if (error instanceof ModelFault) throw error;
    throw new ModelFault(`${path} cannot be read (${codeOf(error)})`);
  } finally {
    if (file !== undefined) closeSync(file);
  }
}

function checked(path: string, stat: ReturnType<typeof fstatSync>, most: number): { size: number } {
  if (!stat.isFile()) throw new ModelFault(`${path} is no plain file`);
  const size = Number(stat.size);
  if (size > most) throw new ModelFault(`${path} has ${size} bytes; expected at most ${most}`);
  return { size };
}

function leaves(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way);
}

export const codeOf = (error: unknown): string =>
  (error as NodeJS.ErrnoException | undefined)?.code ?? (error instanceof Error ? error.message : 'unknown');
