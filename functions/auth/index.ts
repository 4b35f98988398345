import type { Capability } from '../../core/http/operation.ts'
import { createMailer } from '../../core/mail/mailer.ts'
import type { Platform } from '../../core/platform.ts'
import { deletionSigner } from '../../core/receipts/sign-deletion.ts'
import { addPasskey } from './add-passkey.ts'
import { addSecondFactor } from './add-second-factor.ts'
import { beginPasskey } from './begin-passkey.ts'
import { challengeReauthentication } from './challenge-reauthentication.ts'
import { challengeSignIn } from './challenge-sign-in.ts'
import { changePassword } from './change-password.ts'
import { confirmSecondFactor } from './confirm-second-factor.ts'
import { countRecoveryCodes } from './count-recovery-codes.ts'
import { deleteAccount } from './delete-account.ts'
import { getMe } from './get-me.ts'
import { getReceiptKey } from './get-receipt-key.ts'
import { createLater } from './later.ts'
import { listAudit } from './list-audit.ts'
import { listPasskeys } from './list-passkeys.ts'
import { listSessions } from './list-sessions.ts'
import { makeRecoveryCodes } from './make-recovery-codes.ts'
import { reauthenticate } from './reauthenticate.ts'
import { relabelPasskey } from './relabel-passkey.ts'
import { removePasskey } from './remove-passkey.ts'
import { removeSecondFactor } from './remove-second-factor.ts'
import { requestPasswordReset } from './request-password-reset.ts'
import { requestVerification } from './request-verification.ts'
import { resetPassword } from './reset-password.ts'
import { revokeSession } from './revoke-session.ts'
import { signIn } from './sign-in.ts'
import { signInWithPasskey } from './sign-in-with-passkey.ts'
import { signOut } from './sign-out.ts'
import { signOutEverywhere } from './sign-out-everywhere.ts'
import { signUp } from './sign-up.ts'
import { verifyEmail } from './verify-email.ts'

export function auth(platform: Platform): Capability {
  const mailer = createMailer(platform.config, platform.log)
  const later = createLater(platform.log)
  const signer = deletionSigner(platform)
  return {
    name: 'auth',
    operations: [
      signUp(platform, mailer, later),
      verifyEmail(platform),
      requestVerification(platform, mailer, later),
      signIn(platform, mailer, later),
      challengeSignIn(platform),
      signInWithPasskey(platform, mailer, later),
      signOut(),
      signOutEverywhere(),
      requestPasswordReset(platform, mailer, later),
      resetPassword(platform, mailer, later),
      changePassword(platform, mailer, later),
      challengeReauthentication(platform),
      reauthenticate(platform, mailer, later),
      addSecondFactor(platform, mailer, later),
      confirmSecondFactor(platform, mailer, later),
      removeSecondFactor(platform, mailer, later),
      makeRecoveryCodes(platform, mailer, later),
      countRecoveryCodes(),
      beginPasskey(platform),
      addPasskey(platform, mailer, later),
      listPasskeys(),
      relabelPasskey(),
      removePasskey(platform, mailer, later),
      listSessions(platform),
      revokeSession(),
      getMe(),
      listAudit(),
      deleteAccount(platform, mailer, later, signer),
      getReceiptKey(signer),
    ],
    settle: () => later.settled(),
    stop: () => later.settled(),
  }
}
