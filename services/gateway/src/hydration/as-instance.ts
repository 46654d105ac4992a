import { AppError, NotFound } from '@recado/service-kit';

/** Names what is missing as editions do that call a channel an instance. */
export async function asInstance<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof AppError && error.code === 'not_found' && error.entity === 'channel') {
      throw new NotFound('instance');
    }
    throw error;
  }
}
