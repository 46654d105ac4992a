import { describe, expect, it } from 'vitest';
import { rolePasswords } from './role-passwords.ts';

describe('passwords of the database roles', () => {
  it('gives every role the common password', () => {
    const passwords = rolePasswords({ RECADO_DATABASE_ROLE_PASSWORD: 'common' });
    expect(Object.keys(passwords)).toContain('channel-connector');
    for (const one of Object.values(passwords)) expect(one).toEqual({ app: 'common', worker: 'common' });
  });

  it('lets a role have its own', () => {
    const passwords = rolePasswords({
      RECADO_DATABASE_ROLE_PASSWORD: 'common',
      RECADO_DATABASE_PASSWORD_CHANNEL_CONNECTOR_APP: 'own',
    });
    expect(passwords['channel-connector']).toEqual({ app: 'own', worker: 'common' });
  });

  it('names every role without a password', () => {
    expect(() => rolePasswords({ RECADO_DATABASE_PASSWORD_IDENTITY_APP: 'own' })).toThrow(
      /RECADO_DATABASE_PASSWORD_IDENTITY_WORKER, .*RECADO_DATABASE_PASSWORD_ANALYTICS_WORKER/,
    );
    expect(() => rolePasswords({})).toThrow('RECADO_DATABASE_PASSWORD_IDENTITY_APP,');
  });
});
