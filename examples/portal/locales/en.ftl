## common

common-portal = Voting portal
common-skip = Skip to content
common-menu = Menu
common-login-link = Log in
common-logout = Log out
common-other-code = fr
common-other-language = Français
common-problem = Something went wrong
common-nonce = The request for activation has expired. Enter your voting code again.
common-fingerprint = Fingerprint of the contest
common-check = Check my ballot
common-audit = Check the contest
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
account-captcha-alt-silent = Picture of six digits
account-captcha-sound = Listen to the six digits
account-captcha-silent = These digits cannot be listened to here. If you cannot read them, turn to the bureau.
account-captcha-label = Copy the six digits
account-captcha-wrong = The digits that you copied are not the right ones, or have expired. Here are others.
account-wrong = The address or the password is not right.
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
home-countdown-pattern = The vote closes in DAYS days HOURS hours MINUTES minutes
home-closes = The vote closes: { $time }
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
help-answer-7 = If your code was activated before the close you can still finish, { $minutes ->
    [0] within less than a minute
    [one] within a minute
   *[other] within { $minutes } minutes
 } after it.
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
complaint-until = { $contest }: complaints about the closing are taken until { $time } at least.
complaint-from = The time for complaints runs from the closing of the box. Issuer and every trustee count it from when each was given the closed record, so that it may be longer and is never shorter.
complaint-text = Your complaint
complaint-send = Send
complaint-sent = Complaints sent
complaint-receipt = Complaint { $number } received on { $time }
complaint-digest = SHA-256 of the text
complaint-waits = The bureau has not answered yet.
complaint-answer = Answer
complaint-empty = The text is empty.
complaint-long = The text is longer than 5,000 characters.
complaint-answer-long = The answer is longer than 5,000 characters.
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
reissue-not-sent = The new code could not be sent yet; sending is tried again. Look into your mailbox within a minute, and ask again if it is not there. The code before no longer serves.
emargement-title = Signing of the roll
emargement-explained = By the signature of the box the bureau attests that this voter has voted. It says nothing of the vote.
emargement-contest = Contest
emargement-at = Date and time of the vote
emargement-signature = Signature of the box (Ed25519)
emargement-form = The signing, to be verified (form of urne/2)

## vote

vote-title = Vote
vote-noscript = This page works inside your browser and needs JavaScript and WebAssembly.
vote-loading = Getting ready…
vote-failed = Voting cannot begin
vote-failed-then = Nothing was sent. If it happens again, tell the bureau:
vote-reload = Reload the page
vote-resume = A ballot is waiting for its answer
vote-resume-explained = This ballot was sealed and may have been sent, but no answer came. Send the same one again: it counts once.
vote-resume-later = Go on without sending it
vote-again = Send the same ballot again
vote-code = Voting code
vote-code-label = Your voting code
vote-code-hint = It is in your letter, or in the e-mail of a reissue: “urne1”, then six groups of five letters and digits. Capitals, spaces and hyphens do not matter. It does not leave your browser.
vote-code-enter = Confirm
vote-code-lost = Lost your code, or has it expired?
vote-contests = Choice of contest
vote-all-voted = You have voted in all your contests. You can log out.
vote-another-code = Enter another voting code
vote-participate = Take part
vote-contest-open = This voting code does not serve in this contest. It closes on %time%.
vote-contest-active = Open until %time%.
vote-contest-voted = Voted on %time%.
vote-contest-closed = Closed since %time%.
vote-contest-not-yet-open = Opens on %time%.
vote-rest = Ask the other contests again
vote-rest-leave = Go on with the contests that answered
vote-contest-unanswered = This contest has not answered to your code. Enter it again. It closes on %time%.
vote-none-open-yet = There is nothing to vote in now: a contest that is not open yet opens at the time given below. Come back then.
vote-none-open-any-more = There is nothing left to vote in. In a contest that was closed before you voted, no ballot is taken any more.
vote-denied-title = The box contradicts its own acknowledgement
vote-denied = The box says that you have not voted in this contest. This device has its signed acknowledgement that you have.
vote-other-time = The box says that you voted on %time%. This device has its signed acknowledgement, of another time.
vote-denied-then = Download the deposit proof, keep it, and send a complaint with the reference. Do not vote again in this contest, and do not clear this browser’s data.
vote-emargement = Download the signing of the roll
vote-proof-again = Acknowledgement
vote-fingerprint = Fingerprint of the contest:
vote-fingerprint-compare = Compare it with the one in your letter: if it differs, do not vote, and tell the bureau.
vote-activate = I want to vote: activate the selection of my choice
vote-activated = The selection is active. One choice only: a list, or a blank vote.
vote-choose = Making up the ballot: one list, or a blank vote
vote-statement = Statement and candidates: %list%
vote-blank = Blank vote
vote-continue = Continue
vote-leave = Back to the contests
vote-confirm = Confirm your vote
vote-chosen-blank = You have chosen to vote blank
vote-chosen-list = You have chosen the list: %list%
vote-final = After “I vote”, your vote is final and cannot be changed.
vote-back = Back
vote-vote = I vote
vote-reference = Ballot reference, calculated by your browser:
vote-test-doubt = Does your device really seal this choice?
vote-test-explained = You can check it on a second device, as often as you like. First note the reference above. A ballot that was tested never counts: you then seal another one.
vote-test = Test this ballot
vote-sending = Sending the ballot
vote-sending-explained = This device keeps your ballot until the box has answered. You can send it again: the same ballot counts once.
vote-acknowledgement = Acknowledgement
vote-paris = (time of Paris)
vote-reference-keep = Note this reference: with it your ballot is found again in the box, on the page “Check my ballot”.
vote-proof = Download the deposit proof
vote-proof-done = The deposit proof is offered once. This same device can make it again: open “Acknowledgement” in the list of your contests.
vote-others = To the contests
vote-leaving = Before you log out
vote-leaving-explained = This browser keeps a dossier of each of your votes: your id, the contest, the time and the reference of the ballot, never the choice. On your own device keep them: they make the deposit proof again, and serve to check your ballot later. On a shared computer take the deposit proofs, and then erase the dossiers.
vote-leaving-waits = A ballot still waits for the box’s answer. Its dossier stays here in any case. Send the ballot again before you log out: reload the voting page, it comes first there.
vote-leaving-stays = A dossier stays here in any case, since the box contradicts it or has not confirmed it: it may be your evidence. Take its deposit proof where one is offered.
vote-leaving-unseen = The page could not find out which dossiers there are. None is erased, and some may be left in this browser.
vote-forget = Shared computer: erase and log out
vote-keep = My own device: keep and log out
vote-test-title = Test this ballot
vote-test-note = Take the reference that you noted:
vote-test-scan = Read this code with the second device, or take the file there, to the page “Check my ballot”.
vote-test-compare = The second device must find your choice.
vote-test-qr = Code to be read by the second device: the opened ballot
vote-test-no-qr = This ballot is too long for a code: take the file.
vote-test-file = Download the opened ballot
vote-tested = End the test and choose again
vote-test-secret = This opened ballot shows a choice: show it to your second device only.

## check

check-title = Check my ballot
check-explained = Everything happens in this browser: no code, file or reference is sent. Once this page is open it also works offline, with a record that you downloaded. Better on another device than the one you voted on.
check-contest = Contest
check-record = Record of the contest (optional)
check-record-hint = A file record.json or closed.json, wherever it is from. Without a file, this portal’s own is taken.
check-by-code = By my voting code
check-shown = Reference shown after the vote (optional)
check-shown-hint = Without it you learn which ballot was cast with your code, but not whether it is the one that you were shown.
check-look = Look for my ballot
check-by-proof = By my deposit proof
check-proof-file = Deposit proof, or dossier of the vote
check-challenge = A tested ballot
check-challenge-explained = You chose “Test this ballot” on a first device. This one checks that the ballot holds your choice.
check-challenge-here = The opened ballot was read from the code. Choose its contest at the top of this page.
check-opened-file = Opened ballot (file)
check-challenge-shown = Reference that the first device showed before the test
check-challenge-shown-hint = At least its beginning: “584)” and twelve characters.
check-meant = What you had chosen
check-verify = Check
check-blank = Blank vote
check-looking = Looking…
check-found-counted = Your ballot is in the box that was counted: no. %place% of %of%. Reference %reference%.
check-found-closed = Your ballot is in the closed box, which is not counted yet: no. %place% of %of%. Reference %reference%.
check-not-compared = No reference was compared: make sure that this is the one you were shown.
check-whose = This dossier is of the vote of voter “%voter%”. If that is not your id, it is not your vote.
check-compare-fingerprint = Contest: %title%. Its fingerprint, to be compared with the one in your letter: %fingerprint%.
check-honest = The first device did seal “%meant%”. This ballot %reference% does not count.
check-error-code-foreign = Character no. %position% of the code (group %group%, place %rank%) is neither a plain letter, nor a digit, nor a hyphen.
check-error-code-length = A voting code has 35 characters: “urne1”, then six groups of five.
check-error-code-prefix = A voting code begins with “urne1”.
check-error-code-character = Character no. %position% (group %group%, place %rank%) is in no voting code.
check-error-code-mistyped = Mistyped: look at character no. %position% (group %group%, place %rank%).
check-error-code-mistyped-often = Mistyped at more than one place: compare group by group.
check-error-session-not-published = This contest is none of those that the bureau publishes. Do not vote, and tell them.
check-error-session-not-accepted = This voting code is not accepted. Check it, or ask for a new one before the contest closes.
check-error-session-not-active = This voting code does not serve in this contest. Enter the one you received last.
check-error-session-already-voted = You have voted in this contest.
check-error-session-closed = This contest is closed.
check-error-session-not-yet-open = This contest is not open yet.
check-error-contest = The contest that came is not the one that the bureau approved. Do not vote, and tell them. (%code%)
check-error-session-opening = The opening of the roll is not signed as it must be. Do not vote, and tell the bureau. (%code%)
check-error-documents = The statements that came are not those that were approved with this contest. Tell the bureau.
check-error-receipt = The box’s answer does not hold. This device keeps your ballot: send it again, and if that does not help, make a complaint. (%code%)
check-error-receipt-time = The time of the answer is not that of this device, which says %device% while the server says %server%. Set its clock and send the same ballot again.
check-error-published-not-published = This record is of a contest that the bureau does not publish: somebody may have made it up.
check-error-published-nobody-was-given = The box is closed, but no member of the bureau has said yet which closing they were given. Come back later.
check-error-published = This record is not the one that the bureau was given. Tell them. (%code%)
check-error-endorsement = The closing of this record is not endorsed by enough members of the bureau. Tell them. (%code%)
check-error-check-no-ballot = No ballot was cast with this code in this contest.
check-error-check-two-ballots = Two ballots were cast with this code. Tell the bureau.
check-error-check-other-reference = The ballot cast with this code is not the one of this reference: the device you voted on showed you another. Tell the bureau.
check-error-check-not-in-the-box = This ballot is not in the box, or not in its place. Tell the bureau, and show them your file.
check-error-check-fork = The closed box does not go on from the one that your ballot entered. Hand your file to a member of the bureau: it proves it.
check-error-check-other-opening = The box signed your proof under another roll than that of the record. Hand your file to a member of the bureau: it proves it.
check-error-check-foreign-contest = This record is of another contest than your vote.
check-error-challenge = This ballot was not sealed as it should have been: stop using the first device, and tell the bureau. (%code%)
check-error-challenge-meant = The ballot holds another choice than yours: do not vote with the first device, and tell the bureau.
check-error-challenge-reference = This is not the ballot of the reference that was shown. Check the reference; if it is right, stop using the first device.
check-error-challenge-credential = This ballot was not made with your voting code. Check the code; if it is right, stop using the first device.
check-error-dossier-no-receipt = This dossier has no answer of the box yet: first send the ballot again, from the device you voted on.
check-error-dossier = This dossier is not of this contest, or does not hold. (%code%)
check-error-reference = A reference is the number of a contest, a bracket and 64 characters: “584)4ec9…”.
check-error-record = This file is no record of a contest. (%code%)
check-error-record-cut-short = This record is not whole: download it again.
check-error-page-no-answer = The server does not answer. Try again in a moment.
check-error-page-not-there = What was asked for is not there.
check-error-page-storage = This browser keeps nothing for this page (a private window?), and without that a ballot must not be sent. Allow storage, or take another browser.
check-error-page-clock = The clock of this device says %device%, the server’s %server%. Set this device right before you vote; if it is the server that is wrong, tell the bureau.
check-error-page-no-choice = Choose a list, or a blank vote.
check-error-page-no-record = There is no record: choose a file, or wait until the contest has closed.
check-error-page-file = This file is neither a deposit proof, nor a dossier of a vote, nor an opened ballot.
check-error-page-unread = The file cannot be read.
check-error-page-fingerprint = A fingerprint has 64 digits and letters from a to f.
check-error-other = A check failed. Tell the bureau, and quote: %code%.

## audit

audit-title = Audit the contest
audit-explained = Drop the record of a contest: all of it is computed again in this browser, in nine steps, and nothing is sent. Records are on the page
audit-record = Record (record.json or closed.json), to be chosen or dropped here
audit-expected = Fingerprint of the contest (optional)
audit-expected-hint = From your letter, or as the members of the bureau publish it. Anybody can make up a contest whose record holds.
audit-seats = Seats to be given (optional)
audit-start = Audit
audit-running = Auditing
audit-progress = %ballots% ballots verified, %part% % of the file read
audit-holds = The record holds
audit-closed-not-counted = Closed, not counted yet: what is there holds
audit-not-whole = This record is not whole: it ends too early
audit-false = The record does NOT hold
audit-compare = Its fingerprint says which contest this record is of: compare it with the one in your letter.
audit-numbers = %voters% voters, %ballots% ballots
audit-steps = The nine steps
audit-step = Step
audit-outcome = Outcome
audit-more = and %more% more flaws
audit-outcome-passed = passed
audit-outcome-failed = FAILED
audit-outcome-not-carried-out = not carried out
audit-step-1 = 1. Contest, key and approvals
audit-step-2 = 2. Every ballot decodes
audit-step-3 = 3. Roll, opening and credentials
audit-step-4 = 4. Every ballot’s proof
audit-step-5 = 5. References and Merkle root
audit-step-6 = 6. Closing and endorsements
audit-step-7 = 7. Count and sums
audit-step-8 = 8. Decryption factors
audit-step-9 = 9. Result
audit-result = Result
audit-list = List
audit-votes = Votes
audit-share = Share
audit-won = Seats
audit-tied = tied
audit-blank = Blank vote
audit-tie = Tied seats: %seats%, between %lists% lists; the law’s rule settles it.
audit-vacant = Vacant seats: %seats%, no list has a vote.

## bureau

bureau-login = Bureau: log in
bureau-name = Name of the member
bureau-wrong = The name or the password is not right.
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
bureau-given-closing = Closing signed by the issuer
bureau-given-approval = Approvals of trustees { $trustees }
bureau-given-given = Closing received, say trustees { $trustees }
bureau-given-endorsement = Endorsements of trustees { $trustees }
bureau-given-factors = Decryption factors of trustees { $trustees }
bureau-not-closed = The box is not closed.
bureau-no-closing = The issuer has not signed the closing yet.
bureau-second-closing = ALERT: { $contest } has a second closing, with the signatures of box and issuer. The count stops: every trustee downloads this file and takes it to their own machine.
bureau-second = There is a second closing of this contest: the count stops.
bureau-no-such-trustee = There is no such trustee in this contest.
bureau-not-your-seat = This is the word of another trustee, who has to bring it in person.
bureau-unknown-form = This file is neither a signed closing, nor a word of the closing that was given, nor an endorsement, nor decryption factors. (Who is ready says so in the room, and not by the portal.)
bureau-to-approve = To be approved
bureau-to-approve-explained = Every trustee compares the fingerprint, approves the contest on their own machine and uploads the approval here. When all are there the setup is run again and the server started anew.
bureau-no-approval = This contest waits for its approvals, and this file is none.
bureau-integrity = Integrity
bureau-integrity-explained = The box changes only by additions. Compare these heads with those of an independent monitor.
bureau-integrity-limits = This page is the server’s own word. It finds a box that lost votes, by mistake or in a crash; a server that means to deceive can show it in green, and another box to others. What proves more is outside of it: the monitor, and each trustee’s own machine. Download the signed head, put it into “post/N/heads” there and take note of it (show-heads): that trustee then endorses no closing that does not extend it.
bureau-consistency = Proof of consistency since your last look, with the head as it is now (JSON)
bureau-head-before = Signed head of your last look
bureau-head-file = Signed head for the trustees (.head)
bureau-both = { $ballots ->
    [one] { $ballots } ballot
   *[other] { $ballots } ballots
 } in the box, { $receipts ->
    [one] { $receipts } signing
   *[other] { $receipts } signings
 }.
bureau-before = When you last looked, on { $time }: { $ballots ->
    [one] { $ballots } ballot
   *[other] { $ballots } ballots
 }.
bureau-grown = The box has grown from that of your last look.
bureau-not-grown = ALERT: the box has not grown from that of your last look. Tell the bureau and the expert.
bureau-never-looked = You have not looked yet.
bureau-head-at = Last deposit
bureau-root = Root
bureau-head = Signed head (form of urne/2)
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
results-tie = Tie: { $seats ->
    [one] { $seats } seat
   *[other] { $seats } seats
 } between { $lists }.

## refused: what the box says

refused-portal-login = Log in first.
refused-portal-ended-elsewhere = This session has ended: you logged in elsewhere. If that was not you, change your password.
refused-portal-forged = This request does not come from a page of the portal. Go back, reload the page and try again.
refused-portal-not-found = There is no such page.
refused-portal-status = The form that was received is not valid.
refused-portal-too-large = What was sent is too long.
refused-portal-too-many = Too many tries from this place. Try again in { $seconds } s.
refused-portal-come-back = The service is not available for a moment. Nothing is lost: send the same again shortly.
refused-portal-internal = Something failed. It has been noted.
refused-deposit-not-on-roll = You are not on the electoral roll of this contest.
refused-deposit-not-yet-open = This contest is not open yet.
refused-deposit-ended = This contest has ended: no ballot is taken any more.
refused-deposit-already-voted = You have voted in this contest: that vote is final.
refused-deposit-revoked = Your voting code has been replaced by another. Enter the latest.
refused-deposit-not-active = Your voting code is not active. Enter it first.
refused-deposit-expired = Your voting code was not activated in time. Ask for a new one.
refused-deposit-challenged = This ballot was tested and cannot be cast. Seal another.
refused-deposit-other-credential = This ballot is not made with your voting code. Enter the code of your own letter.
refused-deposit-repeated-nonce = A ballot with the same random number is in the box already. Seal another one.
refused-ballot-lists = This ballot does not have the lists of this contest. Reload the page and seal another one.
refused-ballot-foreign-contest = This ballot was made for another contest. Reload the page and seal another one.
refused-ballot-choice = This ballot holds neither a list of this contest nor a blank vote. Reload the page and seal another one.
refused-ballot-proof = The proof of this ballot does not hold. Reload the page and seal another one; if it happens again, tell the bureau.
refused-ballot-empty-batch = No ballot was sent. Reload the page and try again.
refused-challenge-refused-not-on-roll = You are not on the electoral roll of this contest.
refused-challenge-refused-not-yet-open = This contest is not open yet: no ballot can be tested.
refused-challenge-refused-ended = This contest has ended: no ballot can be tested any more.
refused-challenge-refused-already-voted = You have voted in this contest: no ballot can be tested any more.
refused-challenge-refused-deposited = This ballot is in the box: it counts, and cannot be tested.
refused-challenge-refused-too-many = You have tested as many ballots as one code allows. Vote with the next one, or ask for a new code.
refused-decode = What was sent does not read. Reload the page and try again; if it happens again, tell the bureau. ({ $why })
refused-activation-ended = This contest has ended: no code is taken any more.
refused-activation-not-on-roll = You are not on the electoral roll of this contest.
refused-activation-already-voted = You have voted in this contest.
refused-activation-proof = The code could not be verified. Enter it again.
refused-activation-revoked = This code has been replaced by another. Enter the latest.
refused-activation-other-code = This code is not yours. Enter that of your letter.
refused-activation-closed = This contest is closed: no code can be activated any more.
refused-activation-expired = This code has expired. Ask for a new one.
refused-close-too-early = This contest has not ended: the box cannot be closed yet.
refused-close-signings = The box does not have one signing for each ballot, and cannot be closed. Tell the expert.
refused-box-closing-signature = The box’s signature under this closing does not hold. Upload the file as the issuer made it.
refused-box-issuer-signature = The issuer’s signature under this closing does not hold. Upload the file as the issuer made it.
refused-box-foreign-closing = This closing is that of another contest. Upload it there.
refused-box-early-closing = This closing is dated before the end of the contest. Tell the expert.
refused-box-late-number = The date of this closing is none. Tell the expert.
refused-contest-approval = This approval does not hold: it is of another contest, or its file was changed. Compare the fingerprint and approve anew.
refused-signature-unknown-trustee = This file is signed by a trustee that this contest does not have.
refused-signature-repeated = The signature of the same trustee is there twice.
refused-signature-invalid = The signature of this trustee does not hold: it is of another closing, or the file was changed. Upload it as it was made.
refused-endorsement-signature = One of the endorsements does not hold. Its trustee has to bring it again.
refused-endorsement-quorum = Too few trustees have endorsed the closing. Their endorsements are still to come.
refused-factors-unknown-trustee = These factors are of a trustee that this contest does not have.
refused-factors-signature = The signature of these factors does not hold: they are of another closing, or the file was changed. Upload it as it was made.
refused-factors-count = There is not one factor for each list of this contest. Upload the file as it was made.
refused-factors-not-a-point = One of these factors does not read. Upload the file as it was made.
refused-factors-proof = The proof of these factors does not hold: they are not by the key of this trustee. Tell the expert.
refused-opening-capacity = There are more ballots than the contest can have voters. Nothing is published; tell the expert.
refused-opening-too-few = Too few trustees have given their decryption factors. Those of others are still to come.
refused-opening-no-logarithm = The total that was opened is no number of votes. Nothing is published; tell the expert.

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
issuer-state-opened = open
issuer-state-complaints = closed, complaints are taken until { $until }
issuer-state-signed = closing signed
issuer-not-opened = The opening is not signed: no letter leaves before.
issuer-no-letters = There is no letter to print.
issuer-letters = Letters
issuer-letters-unsent = { $count ->
    [0] All letters have left.
    [one] One letter has not left.
   *[other] { $count } letters have not left.
}
issuer-letters-print = { $count ->
    [one] Part { $part }: print one letter
   *[other] Part { $part }: print { $count } letters, one a page
}
issuer-letters-part = Part { $part } of { $of }
issuer-letters-sent-what = When the letters have left, their codes are forgotten here and cannot be printed again.
issuer-letters-sent = The letters of part { $part } have left
issuer-letters-forgotten = The codes of these letters are forgotten.
issuer-letters-mail-what = In place of letters, each code can be sent to its voter by e-mail.
issuer-letters-mail = Send the codes by e-mail
issuer-mails-sent = The codes are sent by e-mail.
issuer-mails-going = The codes are being sent already.
issuer-mails-failed = { $count ->
    [one] one e-mail could not be sent, and its code stays
   *[other] { $count } e-mails could not be sent, and their codes stay
}: { $why }
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
