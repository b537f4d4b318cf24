## common

common-portal = Portail de vote
common-skip = Aller au contenu
common-menu = Menu
common-login-link = Se connecter
common-logout = Se déconnecter
common-other-code = en
common-other-language = English
common-problem = Un problème est survenu
common-nonce = La demande d’activation a expiré. Saisissez de nouveau votre code de vote.
common-fingerprint = Empreinte du scrutin
common-check = Vérifier mon bulletin
common-audit = Vérifier le scrutin
common-time = { $day } { $month } { $year } à { $time } (heure de Paris)
common-month-1 = janvier
common-month-2 = février
common-month-3 = mars
common-month-4 = avril
common-month-5 = mai
common-month-6 = juin
common-month-7 = juillet
common-month-8 = août
common-month-9 = septembre
common-month-10 = octobre
common-month-11 = novembre
common-month-12 = décembre

## account

account-login = Identification
account-email = Adresse électronique
account-password = Mot de passe de l’élection
account-enter = Se connecter
account-first = Première connexion
account-forgotten = Mot de passe oublié
account-captcha = Chiffres à recopier
account-captcha-alt = Image de six chiffres ; vous pouvez aussi les écouter
account-captcha-alt-silent = Image de six chiffres
account-captcha-sound = Écouter les six chiffres
account-captcha-silent = Ces chiffres ne peuvent pas être écoutés ici. Si vous ne pouvez pas les lire, adressez-vous au bureau de vote.
account-captcha-label = Recopiez les six chiffres
account-captcha-wrong = Les chiffres recopiés ne sont pas les bons, ou ils ont expiré. En voici d’autres.
account-wrong = L’adresse ou le mot de passe n’est pas le bon.
account-link-explained = Saisissez l’adresse électronique qui figure sur la liste électorale. Vous y recevrez un lien pour choisir votre mot de passe.
account-send-link = Recevoir le lien
account-link-sent = Si cette adresse figure sur une liste électorale, un lien vient d’y être envoyé. Il sert une fois, pendant une heure.
account-link-over = Ce lien a déjà servi ou a expiré. Demandez-en un autre.
account-new-password = Choisir un mot de passe
account-password-rule = De 12 à 200 caractères, de toute sorte.
account-password-again = Le même mot de passe, une seconde fois
account-set-password = Enregistrer
account-password-set = Le mot de passe est enregistré. Toute session ouverte est terminée.
account-password-short = Le mot de passe a moins de 12 caractères.
account-password-long = Le mot de passe a plus de 200 caractères.
account-password-differs = Les deux saisies diffèrent.

## home

home-title = Accueil
home-vote = Je vote
home-contests = Mes scrutins
home-countdown-pattern = Fermeture du vote dans DAYS jours HOURS heures MINUTES minutes
home-closes = Fermeture du vote : { $time }
home-no-countdown = Aucun scrutin n’est ouvert.
home-not-on-roll = Vous ne figurez pas sur cette liste électorale.
home-not-yet-open = Ouverture le { $time }
home-open = Ouvert jusqu’au { $time }
home-voted = Voté le { $time }
home-closed = Fermé depuis le { $time }
home-emargement = Émargement
information-title = Informations pratiques
information-dates = Dates
information-open = Ouvert du { $from } au { $to }.
information-machine = Votre appareil
information-machine-text = Un navigateur récent suffit. Votre choix et votre code de vote ne quittent pas votre appareil : le bulletin est scellé dans le navigateur avant d’être envoyé.
information-hashes = Empreintes des programmes
information-hashes-text = SHA-256 des programmes que ce portail donne à votre navigateur. Comparez-les avec celles de votre courrier.
help-title = Aide
help-question-1 = Je n’ai pas reçu mon code de vote.
help-answer-1 = Demandez-en un nouveau sous « Réassort ». Il vous faut votre NUMEN ou les dix premiers chiffres de votre numéro de sécurité sociale. Il arrive par courriel et s’utilise dans les deux minutes.
help-question-2 = Mon code est refusé.
help-answer-2 = Le portail dit si le code est mal recopié, s’il n’est pas le vôtre, s’il a été remplacé ou s’il a expiré. Seul le dernier code reçu est valable.
help-question-3 = La page s’est fermée au milieu du vote.
help-answer-3 = Avant « Je vote », rien n’est enregistré : recommencez. Après, revenez sur le même appareil : le bulletin est renvoyé tel quel et ne compte qu’une fois.
help-question-4 = Puis-je changer mon vote ?
help-answer-4 = Non. Une fois « Je vote » confirmé, le vote est définitif et non modifiable.
help-question-5 = Comment savoir que mon bulletin est dans l’urne ?
help-answer-5 = Gardez la référence affichée et la preuve de dépôt. La page « Vérifier mon bulletin » les retrouve dans ce qui est publié, aussi depuis un autre appareil.
help-question-6 = Mon appareil pourrait-il tricher ?
help-answer-6 = Avant de voter, choisissez « Tester ce bulletin » : le bulletin est ouvert sur un second appareil, ne compte pas, et vous en scellez un autre.
help-question-7 = Je suis connecté et le scrutin ferme.
help-answer-7 = Si votre code est activé avant la fermeture, vous pouvez encore terminer { $minutes ->
    [0] dans la minute
    [one] dans la minute qui suit
   *[other] dans les { $minutes } minutes qui suivent
 }.
help-question-8 = Il manque un scrutin, ou mes données sont fausses.
help-answer-8 = Écrivez au bureau de vote sous « Formuler une réclamation ».
rolls-title = Listes électorales
rolls-explained = Les scrutins auxquels vous participez. Les empreintes permettent à chacun de vérifier que la liste est la même pour tous.
rolls-voters = { $voters ->
    [one] { $voters } électeur à l’ouverture.
   *[other] { $voters } électeurs à l’ouverture.
 }
rolls-on = Vous y figurez.
rolls-off = Vous n’y figurez pas.
rolls-opening = Empreinte de l’ouverture
rolls-now = Empreinte de la liste à présent
rolls-search = Chercher un électeur de mes scrutins
rolls-name = Début du nom
rolls-find = Chercher
rolls-found = { $number ->
    [one] { $number } inscription trouvée.
   *[other] { $number } inscriptions trouvées.
 }
contest-number = scrutin { $number }
contest-seats = { $seats ->
    [one] { $seats } siège
   *[other] { $seats } sièges
 }
contest-checked = Ces professions de foi et candidatures sont celles que le bureau de vote a approuvées avec le scrutin.
contest-documents = Télécharger le document
contest-statement = Profession de foi
contest-candidates = Candidats
complaint-title = Formuler une réclamation
complaint-explained = Votre réclamation est lue par le bureau de vote. N’y écrivez ni votre choix ni votre code.
complaint-until = { $contest } : les réclamations sur la clôture sont reçues au moins jusqu’au { $time }.
complaint-from = Le délai des réclamations court depuis la clôture de l’urne. L’émetteur et chaque détenteur de clé le comptent à partir du moment où l’urne close leur a été remise : il peut être plus long, jamais plus court.
complaint-text = Votre réclamation
complaint-send = Envoyer
complaint-sent = Réclamations envoyées
complaint-receipt = Réclamation { $number } reçue le { $time }
complaint-digest = SHA-256 du texte
complaint-waits = Le bureau n’a pas encore répondu.
complaint-answer = Réponse
complaint-empty = Le texte est vide.
complaint-long = Le texte dépasse 5 000 caractères.
complaint-answer-long = La réponse dépasse 5 000 caractères.
complaint-too-many = Vous avez envoyé trop de réclamations.
me-title = Mes données
me-name = Nom
me-id = Identifiant
me-numen = NUMEN
me-social = Dix premiers chiffres du numéro de sécurité sociale
me-explained = Une donnée est fausse ?
reissue-title = Réassort du code de vote
reissue-explained = Un nouveau code remplace le précédent pour tous les scrutins où vous n’avez pas voté. Il est envoyé à votre adresse électronique et s’utilise dans les deux minutes.
reissue-identity = Votre NUMEN, ou les dix premiers chiffres de votre numéro de sécurité sociale
reissue-ask = Recevoir un nouveau code
reissue-wrong = Ce n’est ni le NUMEN ni les dix chiffres de cet électeur.
reissue-nothing = Il n’y a plus de scrutin pour lequel un code puisse être envoyé.
reissue-sent = Un nouveau code de vote vient d’être envoyé par courriel. Utilisez-le dans les deux minutes.
reissue-not-sent = Le nouveau code n’a pas encore pu être envoyé ; l’envoi est tenté de nouveau. Regardez votre messagerie d’ici une minute, puis demandez de nouveau s’il n’y est pas. Le code précédent ne sert plus.
emargement-title = Émargement
emargement-explained = Le bureau de vote atteste par la signature de l’urne que cet électeur a voté. L’émargement ne dit rien du vote.
emargement-contest = Scrutin
emargement-at = Date et heure du vote
emargement-signature = Signature de l’urne (Ed25519)
emargement-form = Émargement à vérifier (forme urne/2)

## vote

vote-title = Voter
vote-noscript = Cette page fonctionne dans votre navigateur et a besoin de JavaScript et de WebAssembly.
vote-loading = Préparation du vote…
vote-failed = Le vote ne peut pas commencer
vote-failed-then = Rien n’a été envoyé. Si cela se répète, prévenez le bureau de vote :
vote-reload = Recharger la page
vote-resume = Un bulletin attend sa réponse
vote-resume-explained = Ce bulletin a été scellé et peut-être envoyé, mais sa réponse n’est pas arrivée. Renvoyez le même : il ne compte qu’une fois.
vote-resume-later = Continuer sans le renvoyer
vote-again = Renvoyer le même bulletin
vote-code = Code de vote
vote-code-label = Votre code de vote
vote-code-hint = Il est dans votre courrier, ou dans le courriel de réassort : « urne1 », puis six groupes de cinq lettres et chiffres. Majuscules, espaces et tirets n’ont pas d’importance. Il ne quitte pas votre navigateur.
vote-code-enter = Valider
vote-code-lost = Code perdu, ou expiré ?
vote-contests = Choix scrutin
vote-all-voted = Vous avez voté à tous vos scrutins. Vous pouvez vous déconnecter.
vote-another-code = Saisir un autre code de vote
vote-participate = Participer
vote-contest-open = Ce code de vote ne sert pas à ce scrutin. Fermeture le %time%.
vote-contest-active = Ouvert jusqu’au %time%.
vote-contest-voted = A voté le %time%.
vote-contest-closed = Clos depuis le %time%.
vote-contest-not-yet-open = Ouvre le %time%.
vote-rest = Interroger de nouveau les autres scrutins
vote-rest-leave = Continuer avec les scrutins qui ont répondu
vote-contest-unanswered = Ce scrutin n’a pas répondu à votre code. Saisissez-le de nouveau. Fermeture le %time%.
vote-none-open-yet = Il n’y a rien à voter maintenant : un scrutin qui n’est pas encore ouvert ouvre à l’heure indiquée ci-dessous. Revenez alors.
vote-none-open-any-more = Il n’y a plus rien à voter. Dans un scrutin clos avant que vous ayez voté, aucun bulletin n’est plus reçu.
vote-denied-title = L’urne contredit son propre accusé de réception
vote-denied = L’urne dit que vous n’avez pas voté à ce scrutin. Cet appareil détient son accusé de réception signé, qui prouve le contraire.
vote-other-time = L’urne dit que vous avez voté le %time%. Cet appareil détient son accusé de réception signé, d’une autre heure.
vote-denied-then = Téléchargez la preuve de dépôt, gardez-la, et faites une réclamation qui cite la référence. Ne votez pas de nouveau à ce scrutin, et n’effacez pas les données de ce navigateur.
vote-emargement = Télécharger l’émargement
vote-proof-again = Accusé de réception
vote-fingerprint = Empreinte du scrutin :
vote-fingerprint-compare = Comparez-la à celle de votre courrier : si elle diffère, ne votez pas et prévenez le bureau de vote.
vote-activate = Je veux voter, j’active la sélection de mon choix de vote
vote-activated = La sélection est active. Un seul choix : une liste, ou le vote blanc.
vote-choose = Constitution du bulletin : une liste, ou le vote blanc
vote-statement = Profession de foi et candidats : %list%
vote-blank = Vote blanc
vote-continue = Continuer
vote-leave = Retour aux scrutins
vote-confirm = Confirmation du vote
vote-chosen-blank = Vous avez choisi de voter blanc
vote-chosen-list = Vous avez choisi la liste : %list%
vote-final = Après « Je vote », votre vote sera définitif et non modifiable.
vote-back = Retour
vote-vote = Je vote
vote-reference = Référence du bulletin, calculée par votre navigateur :
vote-test-doubt = Votre appareil scelle-t-il bien ce choix ?
vote-test-explained = Vous pouvez le vérifier sur un second appareil, autant de fois que vous voulez. Notez d’abord la référence ci-dessus. Un bulletin testé ne compte jamais : vous en scellez ensuite un autre.
vote-test = Tester ce bulletin
vote-sending = Envoi du bulletin
vote-sending-explained = Votre bulletin est gardé par cet appareil jusqu’à ce que l’urne ait répondu. Vous pouvez le renvoyer : le même bulletin ne compte qu’une fois.
vote-acknowledgement = Accusé de réception
vote-paris = (heure de Paris)
vote-reference-keep = Notez cette référence : elle permet de retrouver votre bulletin dans l’urne, sur la page « Vérifier mon bulletin ».
vote-proof = Télécharger la preuve de dépôt
vote-proof-done = La preuve de dépôt n’est proposée qu’une fois. Ce même appareil peut la refaire : ouvrez « Accusé de réception » dans la liste de vos scrutins.
vote-others = Vers les scrutins
vote-leaving = Avant de vous déconnecter
vote-leaving-explained = Ce navigateur garde un dossier de chacun de vos votes : votre identifiant, le scrutin, l’heure et la référence du bulletin, jamais le choix. Sur votre appareil, gardez-les : ils refont la preuve de dépôt et servent à vérifier votre bulletin plus tard. Sur un ordinateur partagé, prenez les preuves de dépôt, puis effacez les dossiers.
vote-leaving-waits = Un bulletin attend encore la réponse de l’urne. Son dossier reste ici dans tous les cas. Renvoyez le bulletin avant de vous déconnecter : rechargez la page de vote, il y vient en premier.
vote-leaving-stays = Un dossier reste ici dans tous les cas, car l’urne le contredit ou ne l’a pas confirmé : il peut servir de preuve. Prenez sa preuve de dépôt si elle est proposée.
vote-leaving-unseen = La page n’a pas pu savoir quels dossiers il y a. Aucun n’est effacé, et il peut en rester dans ce navigateur.
vote-forget = Ordinateur partagé : effacer et me déconnecter
vote-keep = Mon appareil : garder et me déconnecter
vote-test-title = Tester ce bulletin
vote-test-note = Reprenez la référence que vous avez notée :
vote-test-scan = Avec le second appareil, lisez ce code, ou portez-y le fichier sur la page « Vérifier mon bulletin ».
vote-test-compare = Le second appareil doit trouver votre choix.
vote-test-qr = Code à lire avec le second appareil : le bulletin ouvert
vote-test-no-qr = Ce bulletin est trop long pour un code : prenez le fichier.
vote-test-file = Télécharger le bulletin ouvert
vote-tested = Terminer le test et refaire un choix
vote-test-secret = Ce bulletin ouvert montre un choix : ne le montrez qu’à votre second appareil.

## check

check-title = Vérifier mon bulletin
check-explained = Tout se fait dans ce navigateur : ni code, ni fichier, ni référence n’est envoyé. Une fois cette page ouverte, elle fonctionne aussi hors connexion, avec un relevé que vous avez téléchargé. Mieux vaut un autre appareil que celui du vote.
check-contest = Scrutin
check-record = Relevé du scrutin (facultatif)
check-record-hint = Un fichier record.json ou closed.json, d’où qu’il vienne. Sans fichier, celui de ce portail est pris.
check-by-code = Par mon code de vote
check-shown = Référence affichée après le vote (facultatif)
check-shown-hint = Sans elle, vous saurez quel bulletin a été déposé avec votre code, mais pas si c’est celui qui vous a été montré.
check-look = Chercher mon bulletin
check-by-proof = Par ma preuve de dépôt
check-proof-file = Preuve de dépôt, ou dossier de vote
check-challenge = Un bulletin testé
check-challenge-explained = Vous avez choisi « Tester ce bulletin » sur un premier appareil. Celui-ci vérifie que le bulletin contient bien votre choix.
check-challenge-here = Le bulletin ouvert a été lu dans le code. Choisissez son scrutin en haut de cette page.
check-opened-file = Bulletin ouvert (fichier)
check-challenge-shown = Référence montrée par le premier appareil avant le test
check-challenge-shown-hint = Au moins son début : « 584) » et douze caractères.
check-meant = Ce que vous aviez choisi
check-verify = Vérifier
check-blank = Vote blanc
check-looking = Recherche en cours…
check-found-counted = Votre bulletin est dans l’urne qui a été dépouillée : n° %place% sur %of%. Référence %reference%.
check-found-closed = Votre bulletin est dans l’urne close, pas encore dépouillée : n° %place% sur %of%. Référence %reference%.
check-not-compared = Aucune référence n’a été comparée : vérifiez que celle-ci est bien celle qui vous a été montrée.
check-whose = Ce dossier est celui du vote de l’électeur « %voter% ». Si ce n’est pas votre identifiant, ce n’est pas votre vote.
check-compare-fingerprint = Scrutin : %title%. Son empreinte, à comparer à celle de votre courrier : %fingerprint%.
check-honest = Le premier appareil a bien scellé « %meant% ». Ce bulletin %reference% ne compte pas.
check-error-code-foreign = Le caractère n° %position% du code (groupe %group%, place %rank%) n’est ni une lettre sans accent, ni un chiffre, ni un tiret.
check-error-code-length = Un code de vote compte 35 caractères : « urne1 », puis six groupes de cinq.
check-error-code-prefix = Un code de vote commence par « urne1 ».
check-error-code-character = Le caractère n° %position% (groupe %group%, place %rank%) n’existe dans aucun code de vote.
check-error-code-mistyped = Faute de frappe : regardez le caractère n° %position% (groupe %group%, place %rank%).
check-error-code-mistyped-often = Fautes de frappe à plusieurs endroits : comparez groupe par groupe.
check-error-session-not-published = Ce scrutin n’est pas de ceux que le bureau de vote publie. Ne votez pas, et prévenez-le.
check-error-session-not-accepted = Ce code de vote n’est pas accepté. Vérifiez-le, ou demandez un réassort avant la fermeture.
check-error-session-not-active = Ce code de vote ne sert pas à ce scrutin. Saisissez le dernier reçu.
check-error-session-already-voted = Vous avez déjà voté à ce scrutin.
check-error-session-closed = Ce scrutin est clos.
check-error-session-not-yet-open = Ce scrutin n’est pas encore ouvert.
check-error-contest = Le scrutin reçu n’est pas celui que le bureau de vote a approuvé. Ne votez pas, et prévenez-le. (%code%)
check-error-session-opening = L’ouverture de la liste électorale n’est pas signée comme elle doit l’être. Ne votez pas, et prévenez le bureau de vote. (%code%)
check-error-documents = Les professions de foi reçues ne sont pas celles qui ont été approuvées avec ce scrutin. Prévenez le bureau de vote.
check-error-receipt = La réponse de l’urne ne tient pas. Votre bulletin est gardé par cet appareil : renvoyez-le, et si cela se répète, faites une réclamation. (%code%)
check-error-receipt-time = L’heure de la réponse n’est pas celle de cet appareil, qui indique %device% quand le serveur indique %server%. Mettez-le à l’heure et renvoyez le même bulletin.
check-error-published-not-published = Ce relevé est celui d’un scrutin que le bureau de vote ne publie pas : quelqu’un a pu l’inventer.
check-error-published-nobody-was-given = L’urne est close, mais aucun membre du bureau n’a encore dit quelle clôture il a reçue. Revenez plus tard.
check-error-published = Ce relevé n’est pas celui que le bureau de vote a reçu. Prévenez-le. (%code%)
check-error-endorsement = La clôture de ce relevé n’est pas visée par assez de membres du bureau. Prévenez-le. (%code%)
check-error-check-no-ballot = Aucun bulletin n’a été déposé avec ce code dans ce scrutin.
check-error-check-two-ballots = Deux bulletins ont été déposés avec ce code. Prévenez le bureau de vote.
check-error-check-other-reference = Le bulletin déposé avec ce code n’est pas celui de cette référence : l’appareil du vote vous en a montré une autre. Prévenez le bureau de vote.
check-error-check-not-in-the-box = Ce bulletin n’est pas dans l’urne, ou pas à sa place. Prévenez le bureau de vote, avec votre fichier.
check-error-check-fork = L’urne close n’est pas la suite de celle où votre bulletin est entré. Remettez votre fichier à un membre du bureau : il le prouve.
check-error-check-other-opening = L’urne a signé votre preuve sous une autre liste électorale que celle du relevé. Remettez votre fichier à un membre du bureau : il le prouve.
check-error-check-foreign-contest = Ce relevé est celui d’un autre scrutin que votre vote.
check-error-challenge = Ce bulletin n’a pas été scellé comme il devait l’être : n’utilisez plus le premier appareil, et prévenez le bureau de vote. (%code%)
check-error-challenge-meant = Le bulletin contient un autre choix que le vôtre : n’utilisez plus le premier appareil pour voter, et prévenez le bureau de vote.
check-error-challenge-reference = Ce n’est pas le bulletin de la référence qui a été montrée. Vérifiez-la ; si elle est exacte, n’utilisez plus le premier appareil.
check-error-challenge-credential = Ce bulletin n’est pas fait avec votre code de vote. Vérifiez le code ; s’il est exact, n’utilisez plus le premier appareil.
check-error-dossier-no-receipt = Ce dossier n’a pas encore de réponse de l’urne : renvoyez d’abord le bulletin, depuis l’appareil du vote.
check-error-dossier = Ce dossier n’est pas de ce scrutin, ou ne tient pas. (%code%)
check-error-reference = Une référence est un numéro de scrutin, une parenthèse et 64 caractères : « 584)4ec9… ».
check-error-record = Ce fichier n’est pas un relevé de scrutin. (%code%)
check-error-record-cut-short = Ce relevé n’est pas entier : téléchargez-le de nouveau.
check-error-page-no-answer = Le serveur ne répond pas. Réessayez dans un instant.
check-error-page-not-there = Ce qui est demandé n’est pas là.
check-error-page-storage = Ce navigateur ne garde rien pour cette page (navigation privée ?), et sans cela un bulletin ne doit pas être envoyé. Autorisez le stockage, ou prenez un autre navigateur.
check-error-page-clock = L’horloge de cet appareil indique %device%, celle du serveur %server%. Mettez cet appareil à l’heure avant de voter ; si c’est le serveur qui se trompe, prévenez le bureau de vote.
check-error-page-no-choice = Choisissez une liste, ou le vote blanc.
check-error-page-no-record = Il n’y a pas de relevé : choisissez un fichier, ou attendez la clôture du scrutin.
check-error-page-file = Ce fichier n’est ni une preuve de dépôt, ni un dossier de vote, ni un bulletin ouvert.
check-error-page-unread = Le fichier ne peut pas être lu.
check-error-page-fingerprint = Une empreinte compte 64 chiffres et lettres de a à f.
check-error-other = Une vérification a échoué. Prévenez le bureau de vote en citant : %code%.

## audit

audit-title = Vérifier le scrutin
audit-explained = Déposez un relevé de scrutin : tout est recalculé dans ce navigateur, en neuf étapes, et rien n’est envoyé. Les relevés sont sur la page
audit-record = Relevé (record.json ou closed.json), à choisir ou à déposer ici
audit-expected = Empreinte du scrutin (facultatif)
audit-expected-hint = Celle de votre courrier, ou que publient les membres du bureau. N’importe qui peut inventer un scrutin dont le relevé est juste.
audit-seats = Sièges à pourvoir (facultatif)
audit-start = Vérifier
audit-running = Vérification en cours
audit-progress = %ballots% bulletins vérifiés, %part% % du fichier lu
audit-holds = Le relevé tient
audit-closed-not-counted = Urne close, pas encore dépouillée : tout ce qui s’y trouve tient
audit-not-whole = Ce relevé n’est pas entier : il s’arrête trop tôt
audit-false = Le relevé ne tient PAS
audit-compare = C’est son empreinte qui dit de quel scrutin est ce relevé : comparez-la à celle de votre courrier.
audit-numbers = %voters% électeurs, %ballots% bulletins
audit-steps = Les neuf étapes
audit-step = Étape
audit-outcome = Constat
audit-more = et %more% autres défauts
audit-outcome-passed = juste
audit-outcome-failed = FAUX
audit-outcome-not-carried-out = non faite
audit-step-1 = 1. Scrutin, clé et approbations
audit-step-2 = 2. Lecture de chaque bulletin
audit-step-3 = 3. Liste électorale et droits de vote
audit-step-4 = 4. Preuve de chaque bulletin
audit-step-5 = 5. Références et racine de Merkle
audit-step-6 = 6. Clôture et visas du bureau
audit-step-7 = 7. Nombre et somme des bulletins
audit-step-8 = 8. Fragments de déchiffrement
audit-step-9 = 9. Résultat
audit-result = Résultat
audit-list = Liste
audit-votes = Voix
audit-share = Part
audit-won = Sièges
audit-tied = à départager
audit-blank = Vote blanc
audit-tie = Sièges à départager : %seats%, entre %lists% listes ; la règle de la loi en décide.
audit-vacant = Sièges vacants : %seats%, aucune liste n’a de voix.

## bureau

bureau-login = Bureau de vote : identification
bureau-name = Nom du membre
bureau-wrong = Le nom ou le mot de passe n’est pas le bon.
bureau-counter = Compteur
bureau-counter-caption = Votes reçus
bureau-contest = Scrutin
bureau-on-roll = Inscrits
bureau-voted = Votants
bureau-lists = Listes
bureau-signings = Liste d’émargement
bureau-signed = { $number ->
    [one] { $number } émargement
   *[other] { $number } émargements
 }
bureau-signings-csv = Liste d’émargement (CSV)
bureau-days = Participation par jour
bureau-days-caption = Votes par jour et par scrutin (heure de Paris)
bureau-day = Jour
bureau-closing = Clôture et dépouillement
bureau-close = Clore les scrutins terminés
bureau-close-later = Aucun scrutin terminé n’attend d’être clos.
bureau-ends = Fin du délai : { $time }.
bureau-closed-record = Procès-verbal numérique de clôture (closed.json)
bureau-signings-form = Liste d’émargement pour les détenteurs de clé
bureau-record = Registre publié (record.json)
bureau-file = Fichier d’un détenteur de clé ou de l’émetteur
bureau-upload = Déposer
bureau-publish = Dépouiller et publier
bureau-given-closing = Clôture signée par l’émetteur
bureau-given-approval = Approbations des détenteurs de clé { $trustees }
bureau-given-given = Clôture reçue, selon les détenteurs de clé { $trustees }
bureau-given-endorsement = Avals des détenteurs de clé { $trustees }
bureau-given-factors = Facteurs de déchiffrement des détenteurs de clé { $trustees }
bureau-not-closed = L’urne n’est pas close.
bureau-no-closing = La clôture n’est pas encore signée par l’émetteur.
bureau-second-closing = ALERTE : { $contest } a une seconde clôture, signée par l’urne et par l’émetteur. Le dépouillement s’arrête : chaque détenteur de clé télécharge ce fichier et le porte sur sa propre machine.
bureau-second = Il y a une seconde clôture de ce scrutin : le dépouillement s’arrête.
bureau-no-such-trustee = Ce détenteur de clé n’est pas de ce scrutin.
bureau-not-your-seat = C’est la parole d’un autre membre du bureau, qui doit l’apporter en personne.
bureau-unknown-form = Ce fichier n’est ni une clôture signée, ni un avis de clôture reçue, ni un aval, ni des facteurs de déchiffrement. (Qui est présent le dit dans la salle, et pas par le portail.)
bureau-to-approve = À approuver
bureau-to-approve-explained = Chaque détenteur de clé compare l’empreinte, approuve le scrutin sur sa propre machine et dépose ici son approbation. Quand toutes y sont, la mise en place est reprise et le serveur redémarré.
bureau-no-approval = Ce scrutin attend ses approbations, et ce fichier n’en est pas une.
bureau-integrity = Intégrité
bureau-integrity-explained = L’urne ne change que par ajouts. Comparez ces têtes avec celles d’un observateur indépendant.
bureau-integrity-limits = Cette page est la parole du serveur lui-même. Elle révèle une urne qui a perdu des votes, par erreur ou par panne ; un serveur qui veut tromper peut l’afficher en vert, et montrer une autre urne à d’autres. Ce qui prouve davantage est ailleurs : l’observateur, et la machine de chaque détenteur de clé. Téléchargez la tête signée, mettez-la dans « post/N/heads » sur cette machine et faites-en prendre note (show-heads) : ce détenteur n’avalise alors aucune clôture qui ne la prolonge pas.
bureau-consistency = Preuve de cohérence depuis votre dernier contrôle, avec la tête actuelle (JSON)
bureau-head-before = Tête signée de votre dernier contrôle
bureau-head-file = Tête signée pour les détenteurs de clé (.head)
bureau-both = { $ballots ->
    [one] { $ballots } bulletin
   *[other] { $ballots } bulletins
 } dans l’urne, { $receipts ->
    [one] { $receipts } émargement
   *[other] { $receipts } émargements
 }.
bureau-before = À votre dernier contrôle, le { $time } : { $ballots ->
    [one] { $ballots } bulletin
   *[other] { $ballots } bulletins
 }.
bureau-grown = L’urne prolonge celle de votre dernier contrôle.
bureau-not-grown = ALERTE : l’urne ne prolonge pas celle de votre dernier contrôle. Prévenez le bureau et l’expert.
bureau-never-looked = Vous n’avez pas encore fait de contrôle.
bureau-head-at = Dernier dépôt
bureau-root = Racine
bureau-head = Tête signée (forme urne/2)
bureau-keep-heads = Contrôlé : garder ces têtes
bureau-complaints = Réclamations
bureau-no-complaints = Aucune réclamation.
bureau-answer = Répondre
bureau-minutes = Procès-verbal
minutes-open = Ouverture
minutes-voters = Inscrits
minutes-signings = Votants
minutes-blank = Votes blancs
minutes-seats = Sièges à pourvoir
minutes-closed-at = Clôture
minutes-closing = Empreinte de la clôture
minutes-endorsed = Clôture avalisée par les détenteurs de clé
minutes-opened = Total ouvert par les détenteurs de clé
minutes-complaints = Réclamations reçues, tous scrutins
minutes-signed-by = Signatures des membres du bureau
results-title = Résultats
results-none = Aucun résultat n’est publié.
results-turnout = { $ballots ->
    [one] { $ballots } votant
   *[other] { $ballots } votants
 } ({ $share } %).
results-blank = { $blank ->
    [one] { $blank } vote blanc.
   *[other] { $blank } votes blancs.
 }
results-caption = Voix et sièges
results-list = Liste
results-votes = Voix
results-seats = Sièges
results-tie = Égalité : { $seats ->
    [one] { $seats } siège
   *[other] { $seats } sièges
 } à départager entre { $lists }.

## refused: what the box says

refused-portal-login = Connectez-vous d’abord.
refused-portal-ended-elsewhere = Cette session est terminée : vous vous êtes connecté ailleurs. Si ce n’était pas vous, changez votre mot de passe.
refused-portal-forged = Cette demande ne vient pas d’une page du portail. Revenez à la page précédente, rechargez-la et recommencez.
refused-portal-not-found = Cette page n’existe pas.
refused-portal-status = Le formulaire reçu n’est pas valide.
refused-portal-too-large = Ce qui a été envoyé est trop long.
refused-portal-too-many = Trop d’essais depuis cet endroit. Réessayez dans { $seconds } s.
refused-portal-come-back = Le service est momentanément indisponible. Rien n’est perdu : renvoyez la même demande dans un instant.
refused-portal-internal = Une erreur s’est produite. Elle est consignée.
refused-deposit-not-on-roll = Vous ne figurez pas sur la liste électorale de ce scrutin.
refused-deposit-not-yet-open = Ce scrutin n’est pas encore ouvert.
refused-deposit-ended = Ce scrutin est terminé : aucun bulletin n’est plus reçu.
refused-deposit-already-voted = Vous avez déjà voté à ce scrutin : ce vote est définitif.
refused-deposit-revoked = Votre code de vote a été remplacé par un autre. Saisissez le dernier reçu.
refused-deposit-not-active = Votre code de vote n’est pas activé. Saisissez-le d’abord.
refused-deposit-expired = Votre code de vote n’a pas été activé à temps. Demandez-en un nouveau.
refused-deposit-challenged = Ce bulletin a été testé et ne peut plus être déposé. Scellez-en un autre.
refused-deposit-other-credential = Ce bulletin n’est pas fait avec votre code de vote. Saisissez le code de votre propre courrier.
refused-deposit-repeated-nonce = Un bulletin au même nombre aléatoire est déjà dans l’urne. Scellez-en un autre.
refused-ballot-lists = Ce bulletin n’a pas les listes de ce scrutin. Rechargez la page et scellez-en un autre.
refused-ballot-foreign-contest = Ce bulletin a été fait pour un autre scrutin. Rechargez la page et scellez-en un autre.
refused-ballot-choice = Ce bulletin ne contient ni une liste de ce scrutin ni un vote blanc. Rechargez la page et scellez-en un autre.
refused-ballot-proof = La preuve de ce bulletin ne tient pas. Rechargez la page et scellez-en un autre ; si cela se répète, prévenez le bureau de vote.
refused-ballot-empty-batch = Aucun bulletin n’a été envoyé. Rechargez la page et réessayez.
refused-challenge-refused-not-on-roll = Vous ne figurez pas sur la liste électorale de ce scrutin.
refused-challenge-refused-not-yet-open = Ce scrutin n’est pas encore ouvert : aucun bulletin ne peut être testé.
refused-challenge-refused-ended = Ce scrutin est terminé : aucun bulletin ne peut plus être testé.
refused-challenge-refused-already-voted = Vous avez voté à ce scrutin : aucun bulletin ne peut plus être testé.
refused-challenge-refused-deposited = Ce bulletin est dans l’urne : il compte, et ne peut pas être testé.
refused-challenge-refused-too-many = Vous avez testé autant de bulletins qu’un code le permet. Votez avec le suivant, ou demandez un nouveau code.
refused-decode = Ce qui a été envoyé est illisible. Rechargez la page et réessayez ; si cela se répète, prévenez le bureau de vote. ({ $why })
refused-activation-ended = Ce scrutin est terminé : aucun code n’est plus accepté.
refused-activation-not-on-roll = Vous ne figurez pas sur la liste électorale de ce scrutin.
refused-activation-already-voted = Vous avez déjà voté à ce scrutin.
refused-activation-proof = Le code n’a pas pu être vérifié. Saisissez-le de nouveau.
refused-activation-revoked = Ce code a été remplacé par un autre. Saisissez le dernier reçu.
refused-activation-other-code = Ce code n’est pas le vôtre. Saisissez celui de votre courrier.
refused-activation-closed = Ce scrutin est fermé : un code ne peut plus être activé.
refused-activation-expired = Ce code a expiré. Demandez-en un nouveau.
refused-close-too-early = Ce scrutin n’est pas terminé : l’urne ne peut pas encore être close.
refused-close-signings = L’urne n’a pas un émargement pour chaque bulletin et ne peut pas être close. Prévenez l’expert.
refused-box-closing-signature = La signature de l’urne sous cette clôture ne tient pas. Déposez le fichier tel que l’émetteur l’a fait.
refused-box-issuer-signature = La signature de l’émetteur sous cette clôture ne tient pas. Déposez le fichier tel que l’émetteur l’a fait.
refused-box-foreign-closing = Cette clôture est celle d’un autre scrutin. Déposez-la sous le sien.
refused-box-early-closing = Cette clôture est datée d’avant la fin du scrutin. Prévenez l’expert.
refused-box-late-number = La date de cette clôture n’en est pas une. Prévenez l’expert.
refused-contest-approval = Cette approbation ne tient pas : elle est d’un autre scrutin, ou son fichier a changé. Comparez l’empreinte et approuvez de nouveau.
refused-signature-unknown-trustee = Ce fichier est signé d’un détenteur de clé que ce scrutin n’a pas.
refused-signature-repeated = La signature du même détenteur de clé s’y trouve deux fois.
refused-signature-invalid = La signature de ce détenteur de clé ne tient pas : elle est d’une autre clôture, ou le fichier a changé. Déposez-le tel qu’il a été fait.
refused-endorsement-signature = Un des avals ne tient pas. Son détenteur de clé doit l’apporter de nouveau.
refused-endorsement-quorum = Trop peu de détenteurs de clé ont avalisé la clôture. Il faut attendre leurs avals.
refused-factors-unknown-trustee = Ces facteurs sont d’un détenteur de clé que ce scrutin n’a pas.
refused-factors-signature = La signature de ces facteurs ne tient pas : ils sont d’une autre clôture, ou le fichier a changé. Déposez-le tel qu’il a été fait.
refused-factors-count = Il n’y a pas un facteur pour chaque liste de ce scrutin. Déposez le fichier tel qu’il a été fait.
refused-factors-not-a-point = Un de ces facteurs est illisible. Déposez le fichier tel qu’il a été fait.
refused-factors-proof = La preuve de ces facteurs ne tient pas : ils ne sont pas de la clé de ce détenteur. Prévenez l’expert.
refused-opening-capacity = Il y a plus de bulletins que le scrutin n’a d’électeurs possibles. Rien n’est publié ; prévenez l’expert.
refused-opening-too-few = Trop peu de détenteurs de clé ont donné leurs facteurs de déchiffrement. Il faut attendre ceux des autres.
refused-opening-no-logarithm = Le total ouvert n’est pas un nombre de voix. Rien n’est publié ; prévenez l’expert.

## mail

mail-link-subject = Votre mot de passe pour le vote
mail-link = Bonjour,

    Ce lien vous permet de choisir votre mot de passe pour le portail de vote. Il sert une fois, pendant une heure :

    { $link }

    Si vous ne l’avez pas demandé, ignorez ce message : rien n’est changé.

## issuer

# L'émetteur des codes
issuer-title = Émetteur des codes de vote
issuer-password = Mot de passe de l'opérateur
issuer-wrong-password = Ce n'est pas le mot de passe.
issuer-login = Se connecter
issuer-logout = Se déconnecter
issuer-refused = Refusé : { $why }
issuer-contests = Scrutins
issuer-contest = Scrutin
issuer-fingerprint = Empreinte
issuer-voters = Inscrits
issuer-state = État
issuer-state-waits = en attente de l'urne
issuer-state-opened = ouvert
issuer-state-complaints = clos, réclamations reçues jusqu'au { $until }
issuer-state-signed = clôture signée
issuer-not-opened = L'ouverture n'est pas signée : aucun courrier ne part avant.
issuer-no-letters = Il n'y a pas de courrier à imprimer.
issuer-letters = Courriers
issuer-letters-unsent = { $count ->
    [0] Tous les courriers sont partis.
    [one] Un courrier n'est pas parti.
   *[other] { $count } courriers ne sont pas partis.
}
issuer-letters-print = { $count ->
    [one] Partie { $part } : imprimer un courrier
   *[other] Partie { $part } : imprimer { $count } courriers, un par page
}
issuer-letters-part = Partie { $part } sur { $of }
issuer-letters-sent-what = Quand les courriers sont partis, leurs codes sont oubliés ici et ne peuvent plus être imprimés.
issuer-letters-sent = Les courriers de la partie { $part } sont partis
issuer-letters-forgotten = Les codes de ces courriers sont oubliés.
issuer-letters-mail-what = À la place des courriers, chaque code peut être envoyé par courriel à son électeur.
issuer-letters-mail = Envoyer les codes par courriel
issuer-mails-sent = Les codes sont envoyés par courriel.
issuer-mails-going = Les codes sont déjà en cours d’envoi.
issuer-mails-failed = { $count ->
    [one] un courriel n’a pas pu être envoyé, et son code reste
   *[other] { $count } courriels n’ont pas pu être envoyés, et leurs codes restent
} : { $why }
issuer-closings = Clôture
issuer-closings-what = Après le délai des réclamations, la liste entière est comparée aux codes émis, puis la clôture est signée.
issuer-closings-sign = Signer la clôture
issuer-closings-signed = La clôture de tous les scrutins est signée.
issuer-letter-intro = Voici votre code de vote. Il sert pour tous vos scrutins et n'est connu de personne d'autre ; ne le donnez à personne.
issuer-letter-code = Code de vote
issuer-letter-from = Le vote ouvre le { $time }.
issuer-letter-until = Il ferme le { $time }.
issuer-letter-qr = Adresse du portail de vote, en code QR
issuer-letter-address = Adresse du portail de vote :
issuer-letter-contests = Vos scrutins
issuer-letter-compare = Avant de voter, votre écran montre l'empreinte de chaque scrutin. Comparez-la avec celle-ci ; si elle diffère, ne votez pas et prévenez le bureau de vote.
issuer-letter-scripts = Le programme que votre navigateur reçoit (SHA-256)
issuer-letter-care = Le bureau de vote publie les mêmes empreintes. Code perdu : le portail en fait envoyer un nouveau par courriel, à utiliser dans les deux minutes.
mail-code-subject = Votre code de vote : { $election }
mail-code-text = Bonjour { $name },

    Voici votre code de vote pour « { $election } » :

        { $code }

    Il sert pour tous vos scrutins, jusqu'au { $closes }. Ne le donnez à personne.
    Le portail de vote : { $address }
mail-new-code-subject = Votre nouveau code de vote : { $election }
mail-new-code-text = Bonjour { $name },

    Vous avez demandé un nouveau code de vote pour « { $election } » :

        { $code }

    Saisissez-le dans les deux minutes. L'ancien code ne sert plus.
    Le portail de vote : { $address }

    Si vous n'avez rien demandé, prévenez le bureau de vote.
