import { doctorWaits } from '../adapters/doctor/kafka';
import { createKafkaClient, type KafkaConnection } from '../adapters/kafka/connection';
import { resolveSecret } from '../adapters/secrets';

/** A client with the short waits of the doctor, silent. Throws where a secret or certificate cannot be read. */
export function doctorKafka(connection: KafkaConnection) {
  const password = connection.sasl === undefined ? undefined : resolveSecret(connection.sasl.passwordFrom);
  return createKafkaClient(connection, password, () => undefined, doctorWaits);
}
