import type { Permission } from '@recado/contracts';

/** What a route asks of a caller. */
export interface Access {
  /**
   * `open`: no credentials. `signed`: the provider's signature. `bearer`: token or API key.
   * `either`: a live token counts, without one the caller is anonymous.
   */
  auth: 'open' | 'signed' | 'either' | 'bearer';
  /** Null: any bearer. */
  needs: Permission | null;
  /** Null `needs` is for one's own; another person's takes this. */
  others?: Permission;
  /** 403 for API keys, which have no user. */
  person?: boolean;
}

export const open: Access = { auth: 'open', needs: null };
export const signed: Access = { auth: 'signed', needs: null };
export const eitherWay: Access = { auth: 'either', needs: null, person: true };
/** About the caller's own user, without a permission. */
export const self: Access = { auth: 'bearer', needs: null, person: true };

/** With a permission. */
export const needs = (permission: Permission, more: Pick<Access, 'person'> = {}): Access => ({
  auth: 'bearer',
  needs: permission,
  ...more,
});

/** One's own without a permission, another's with it. */
export const ownOr = (others: Permission): Access => ({ auth: 'bearer', needs: null, others });
