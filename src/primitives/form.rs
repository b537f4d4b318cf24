//! One trait of all messages: what an application stores and sends, by the name of its file.

/// What one process writes and another reads, in its one form, with a name for its kind of file.
///
/// An application stores and sends messages of some thirty types. With this a function of its own does it for all: `get`,
/// `put`, "everybody's of this kind in a folder". A role's memory, a state of a ceremony and a secret key have none: what
/// sends messages cannot be given them by mistake. A roll is read with its contest, and has none either.
///
/// ```
/// use std::{error::Error, fs, path::Path};
/// use urne::ballot_box::VoterState;
/// use urne::{Form, UnixTime};
///
/// fn put<M: Form>(folder: &Path, message: &M) -> Result<(), Box<dyn Error>> {
///     Ok(fs::write(folder.join(M::NAME), message.to_form())?)
/// }
///
/// fn get<M: Form>(folder: &Path) -> Result<M, Box<dyn Error>> {
///     Ok(M::from_form(&fs::read(folder.join(M::NAME))?)?)
/// }
///
/// # let folder = &std::env::temp_dir().join(format!("urne-form-{}", std::process::id()));
/// # fs::create_dir_all(folder)?;
/// let state = VoterState::Voted { at: UnixTime::from_seconds(1_796_200_000) };
/// put(folder, &state)?;
/// assert_eq!(get::<VoterState>(folder)?, state);
/// assert!(folder.join("voter-state").exists());
/// # fs::remove_dir_all(folder)?;
/// # Ok::<(), Box<dyn Error>>(())
/// ```
pub trait Form: Sized {
    /// How a file of this kind is called, or what its name ends with: `reveal`, `contest.json`. Each has its own, the same
    /// in every version.
    const NAME: &'static str;

    /// Why bytes are none.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Reads the form: `from_bytes` of the type, or `from_json`.
    ///
    /// # Errors
    ///
    /// Those of that method.
    fn from_form(bytes: &[u8]) -> Result<Self, Self::Error>;

    /// Writes the form: `to_bytes` of the type, or `to_json`.
    fn to_form(&self) -> impl AsRef<[u8]>;
}

/// [`Form`] by two methods of a type.
macro_rules! form_by {
    ($read:ident, $write:ident; $($name:ty: $file:literal, $error:ty;)+) => {$(
        impl $crate::primitives::form::Form for $name {
            const NAME: &'static str = $file;
            type Error = $error;

            fn from_form(bytes: &[u8]) -> Result<Self, $error> {
                <$name>::$read(bytes)
            }

            fn to_form(&self) -> impl AsRef<[u8]> {
                self.$write()
            }
        }
    )+};
}
pub(crate) use form_by;

/// [`Form`], `Serialize` and `Deserialize` of a type with `to_bytes` and `from_bytes`.
macro_rules! named_form {
    ($name:ident: $file:literal, $error:ty) => {
        $crate::primitives::wire::serde_bytes!($name, $name::from_bytes);
        $crate::primitives::form::form_by! { from_bytes, to_bytes; $name: $file, $error; }
    };
}
pub(crate) use named_form;
