## common

common-portal = Voting portal
common-skip = Skip to content
common-menu = Menu
common-login-link = Log in
common-logout = Log out
common-other-code = fr
common-other-language = Français
common-problem = Something went wrong
common-login = Log in first.
common-forged = This request does not come from a page of the portal. Go back, reload the page and try again.
common-not-found = There is no such page.
common-bad-form = The form that was received is not valid.
common-too-large = What was sent is too long.
common-too-many = Too many requests. Try again in { $seconds } s.
common-come-back = The service is not available for a moment. Nothing is lost: send the same again shortly.
common-internal = Something failed. It has been noted.
common-nonce = The request for activation has expired. Enter your voting code again.
common-fingerprint = Fingerprint of the contest
common-check = Check my ballot
common-audit = Check the contest
common-not-built = This page is not there yet.
common-time = { $day } { $month } { $year } at { $time } (Paris time)
common-month-1 = January
common-month-2 = February
common-month-3 = March
common-month-4 = April
common-month-5 = May
common-month-6 = June
common-month-7 = July
common-month-8 = August
common-month-9 = September
common-month-10 = October
common-month-11 = November
common-month-12 = December

## account

account-login = Log in
account-email = E-mail address
account-password = Password of the election
account-enter = Log in
account-first = First connection
account-forgotten = Forgotten password
account-captcha = Digits to copy
account-captcha-alt = Picture of six digits; you can also listen to them
account-captcha-sound = Listen to the six digits
account-captcha-silent = These digits cannot be listened to here. If you cannot read them, turn to the bureau.
account-captcha-label = Copy the six digits
account-captcha-wrong = The digits are not the right ones. Here are others.
account-wrong = The address or the password is not right.
account-wait = Too many tries from this place. Try again in { $seconds } s.
account-elsewhere = This session has ended: you logged in elsewhere. If that was not you, change your password.
account-link-explained = Enter the e-mail address that is on the electoral roll. You will be sent a link there to choose your password.
account-send-link = Send me the link
account-link-sent = If this address is on an electoral roll, a link has just been sent there. It serves once, for an hour.
account-link-over = This link has been used or has expired. Ask for another.
account-new-password = Choose a password
account-password-rule = 12 to 200 characters, of any kind.
account-password-again = The same password again
account-set-password = Save
account-password-set = The password is saved. Every open session has ended.
account-password-short = The password has fewer than 12 characters.
account-password-long = The password has more than 200 characters.
account-password-differs = The two differ.

## home

home-title = Home
home-vote = Vote
home-contests = My contests
home-countdown = The vote closes in { $days } days { $hours } hours { $minutes } minutes
home-countdown-pattern = The vote closes in DAYS days HOURS hours MINUTES minutes
home-no-countdown = No contest is open.
home-not-on-roll = You are not on this electoral roll.
home-not-yet-open = Opens on { $time }
home-open = Open until { $time }
home-voted = Voted on { $time }
home-closed = Closed since { $time }
home-emargement = Signing of the roll
information-title = Practical information
information-dates = Dates
information-open = Open from { $from } to { $to }.
information-machine = Your device
information-machine-text = A recent browser is enough. Your choice and your voting code do not leave your device: the ballot is sealed in the browser before it is sent.
information-hashes = Fingerprints of the programs
information-hashes-text = SHA-256 of the programs that this portal gives to your browser. Compare them with those of your letter.
help-title = Help
help-question-1 = I have not received my voting code.
help-answer-1 = Ask for a new one under “Reissue”. You need your NUMEN or the first ten digits of your social security number. It comes by e-mail and is to be used within two minutes.
help-question-2 = My code is refused.
help-answer-2 = The portal says whether the code is mistyped, is not yours, has been replaced or has expired. Only the latest code is good.
help-question-3 = The page was closed in the middle of the vote.
help-answer-3 = Before “Vote” nothing is kept: begin again. After it, come back on the same device: the ballot is sent again as it is, and counts once.
help-question-4 = Can I change my vote?
help-answer-4 = No. Once “Vote” is confirmed the vote is final and cannot be modified.
help-question-5 = How do I know that my ballot is in the box?
help-answer-5 = Keep the reference that is shown and the deposit proof. The page “Check my ballot” finds them in what is published, from another device too.
help-question-6 = Could my device cheat?
help-answer-6 = Before you vote choose “Test this ballot”: the ballot is opened on a second device, does not count, and you seal another.
help-question-7 = I am connected and the contest closes.
help-answer-7 = If your code was activated before the close you have thirty minutes to finish.
help-question-8 = A contest is missing, or my data are wrong.
help-answer-8 = Write to the bureau under “Complaint”.
rolls-title = Electoral rolls
rolls-explained = The contests that you take part in. With the fingerprints anyone can check that the roll is the same for all.
rolls-voters = { $voters ->
    [one] { $voters } voter at the opening.
   *[other] { $voters } voters at the opening.
 }
rolls-on = You are on it.
rolls-off = You are not on it.
rolls-opening = Fingerprint of the opening
rolls-now = Fingerprint of the roll now
rolls-search = Look for a voter of my contests
rolls-name = Beginning of the name
rolls-find = Look
rolls-found = { $number ->
    [one] { $number } entry found.
   *[other] { $number } entries found.
 }
contest-number = contest { $number }
contest-seats = { $seats ->
    [one] { $seats } seat
   *[other] { $seats } seats
 }
contest-checked = These statements and candidates are those that the bureau approved with the contest.
contest-documents = Download the document
contest-statement = Statement
contest-candidates = Candidates
complaint-title = Complaint
complaint-explained = Your complaint is read by the bureau. Write neither your choice nor your code in it.
complaint-text = Your complaint
complaint-send = Send
complaint-sent = Complaints sent
complaint-receipt = Complaint { $number } received on { $time }
complaint-digest = SHA-256 of the text
complaint-waits = The bureau has not answered yet.
complaint-answer = Answer
complaint-empty = The text is empty.
complaint-long = The text is longer than 5,000 characters.
complaint-too-many = You have sent too many complaints.
me-title = My data
me-name = Name
me-id = Identifier
me-numen = NUMEN
me-social = First ten digits of the social security number
me-explained = Is something wrong?
reissue-title = Reissue of the voting code
reissue-explained = A new code takes the place of the one before in all contests in which you have not voted. It is sent to your e-mail address and is to be used within two minutes.
reissue-identity = Your NUMEN, or the first ten digits of your social security number
reissue-ask = Send me a new code
reissue-wrong = This is neither the NUMEN nor the ten digits of this voter.
reissue-nothing = There is no contest left for which a code could be sent.
reissue-sent = A new voting code has just been sent by e-mail. Use it within two minutes.
emargement-title = Signing of the roll
emargement-explained = By the signature of the box the bureau attests that this voter has voted. It says nothing of the vote.
emargement-contest = Contest
emargement-at = Date and time of the vote
emargement-signature = Signature of the box (Ed25519)
emargement-form = The signing, to be verified (form of urne/2)

## vote

vote-title = Vote

## check

check-title = Check my ballot

## audit

audit-title = Check the contest

## bureau

bureau-login = Bureau: log in
bureau-name = Name of the member
bureau-counter = Counter
bureau-counter-caption = Votes received
bureau-contest = Contest
bureau-on-roll = On the roll
bureau-voted = Voted
bureau-lists = Lists
bureau-signings = List of signings
bureau-signed = { $number ->
    [one] { $number } signing
   *[other] { $number } signings
 }
bureau-signings-csv = List of signings (CSV)
bureau-days = Turnout by day
bureau-days-caption = Votes by day and contest (Paris time)
bureau-day = Day
bureau-turnout-csv = Turnout by day (CSV)
bureau-closing = Closing and count
bureau-close = Close the contests that have ended
bureau-close-later = No contest that has ended waits to be closed.
bureau-ends = End of the grace: { $time }.
bureau-closed-record = Closed record (closed.json)
bureau-signings-form = List of signings for the trustees
bureau-record = Published record (record.json)
bureau-file = File of a trustee or of the issuer
bureau-upload = Upload
bureau-publish = Count and publish
bureau-not-closed = The box is not closed.
bureau-no-closing = The issuer has not signed the closing yet.
bureau-other-closing = This file is of another closing.
bureau-no-such-trustee = There is no such trustee in this contest.
bureau-unknown-form = This file is neither a signed closing, nor a word of the closing that was given, nor an endorsement, nor a word of being ready, nor decryption factors.
bureau-integrity = Integrity
bureau-integrity-explained = The box changes only by additions. Compare these heads with those of an independent monitor.
bureau-both = { $ballots } ballots in the box, { $receipts } signings.
bureau-before = When you last looked, on { $time }: { $ballots } ballots.
bureau-grown = The box has grown from that of your last look.
bureau-not-grown = ALERT: the box has not grown from that of your last look. Tell the bureau and the expert.
bureau-never-looked = You have not looked yet.
bureau-head-at = Last deposit
bureau-root = Root
bureau-head = Signed head (form of urne/2)
bureau-path = Consistency proof since your last look (form of urne/2)
bureau-keep-heads = Checked: keep these heads
bureau-complaints = Complaints
bureau-no-complaints = No complaint.
bureau-answer = Answer
bureau-minutes = Minutes
minutes-open = Opening
minutes-voters = On the roll
minutes-signings = Voted
minutes-blank = Blank votes
minutes-seats = Seats
minutes-closed-at = Closing
minutes-closing = Digest of the closing
minutes-endorsed = Closing endorsed by the trustees
minutes-opened = Total opened by the trustees
minutes-complaints = Complaints received, all contests
minutes-signed-by = Signatures of the members of the bureau
results-title = Results
results-none = No result is published.
results-turnout = { $ballots } voted ({ $share } %).
results-blank = { $blank ->
    [one] { $blank } blank vote.
   *[other] { $blank } blank votes.
 }
results-caption = Votes and seats
results-list = List
results-votes = Votes
results-seats = Seats
results-tie = Tie: { $seats } seat(s) between { $lists }.

## refused: what the box says

refused-deposit-not-on-roll = You are not on the electoral roll of this contest.
refused-deposit-not-yet-open = This contest is not open yet.
refused-deposit-ended = This contest has ended: no ballot is taken any more.
refused-deposit-already-voted = You have voted in this contest: that vote is final.
refused-deposit-revoked = Your voting code has been replaced by another. Enter the latest.
refused-deposit-not-active = Your voting code is not active. Enter it first.
refused-deposit-expired = Your voting code was not activated in time. Ask for a new one.
refused-deposit-challenged = This ballot was tested and cannot be cast. Seal another.
refused-activation-ended = This contest has ended: no code is taken any more.
refused-activation-not-on-roll = You are not on the electoral roll of this contest.
refused-activation-already-voted = You have voted in this contest.
refused-activation-proof = The code could not be verified. Enter it again.
refused-activation-revoked = This code has been replaced by another. Enter the latest.
refused-activation-other-code = This code is not yours. Enter that of your letter.
refused-activation-closed = This contest is closed: no code can be activated any more.
refused-activation-expired = This code has expired. Ask for a new one.
refused-portal-proof-given = The deposit proof has been downloaded before. The device that voted can make it again from its dossier.

## mail

mail-link-subject = Your password for the vote
mail-link = Hello,

    This link lets you choose your password for the voting portal. It serves once, for an hour:

    { $link }

    If you did not ask for it, ignore this message: nothing has changed.

## issuer

# The issuer of codes
issuer-title = Issuer of voting codes
issuer-password = The operator's password
issuer-wrong-password = That is not the password.
issuer-login = Log in
issuer-logout = Log out
issuer-refused = Refused: { $why }
issuer-contests = Contests
issuer-contest = Contest
issuer-fingerprint = Fingerprint
issuer-voters = Voters
issuer-state = State
issuer-state-waits = waiting for the box
issuer-state-proposed = opening to be signed
issuer-state-opened = open
issuer-state-complaints = closed, complaints are taken until { $until }
issuer-state-signed = closing signed
issuer-openings-what = The opening that the box proposes is compared with the codes issued, and then signed. No letter leaves before.
issuer-openings = Sign the opening
issuer-openings-signed = The opening of every contest is signed.
issuer-not-opened = The opening is not signed: no letter leaves before.
issuer-no-letters = There is no letter to print.
issuer-letters = Letters
issuer-letters-unsent = { $count ->
    [0] All letters have left.
    [one] One letter has not left.
   *[other] { $count } letters have not left.
}
issuer-letters-print = Print the letters, one a page
issuer-letters-sent-what = When the letters have left, their codes are forgotten here and cannot be printed again.
issuer-letters-sent = The letters have left
issuer-letters-forgotten = The codes of these letters are forgotten.
issuer-letters-mail-what = In place of letters, each code can be sent to its voter by e-mail.
issuer-letters-mail = Send the codes by e-mail
issuer-mails-sent = The codes are sent by e-mail.
issuer-closings = Closing
issuer-closings-what = After the time for complaints, the whole roll is compared with the codes issued, and the closing is signed.
issuer-closings-sign = Sign the closing
issuer-closings-signed = The closing of every contest is signed.
issuer-letter-intro = This is your voting code. It serves for all your contests and nobody else knows it; give it to nobody.
issuer-letter-code = Voting code
issuer-letter-from = Voting opens on { $time }.
issuer-letter-until = It closes on { $time }.
issuer-letter-qr = Address of the voting portal, as a QR code
issuer-letter-address = Address of the voting portal:
issuer-letter-contests = Your contests
issuer-letter-compare = Before you vote, your screen shows the fingerprint of each contest. Compare it with this one; if it differs, do not vote, and tell the bureau.
issuer-letter-scripts = The program that your browser is given (SHA-256)
issuer-letter-care = The bureau publishes the same fingerprints. A lost code: the portal has a new one sent by e-mail, to be used within two minutes.
mail-code-subject = Your voting code: { $election }
mail-code-text = Dear { $name },

    This is your voting code for “{ $election }”:

        { $code }

    It serves for all your contests, until { $closes }. Give it to nobody.
    The voting portal: { $address }
mail-new-code-subject = Your new voting code: { $election }
mail-new-code-text = Dear { $name },

    You have asked for a new voting code for “{ $election }”:

        { $code }

    Enter it within two minutes. The old code serves no more.
    The voting portal: { $address }

    If you have asked for nothing, tell the bureau.
