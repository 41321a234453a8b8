//! What a file keeps when another one takes its place.
//!
//! A rename puts a new file where the old one was, with the mode, the owner and the marks of the new one. So these are
//! read off the old file and given to the new one before it is put in place. What can't be kept and matters to who may
//! read the file stops the write.

use std::{
    fs::{self, File, OpenOptions, Permissions},
    io,
    path::Path,
};

use super::disk::Disk;

/// Mode, owner, group and extended attributes of a file.
#[derive(Clone, Debug)]
pub(super) struct Attributes {
    permissions: Permissions,
    #[cfg(unix)]
    owner: (u32, u32),
    #[cfg(any(target_os = "linux", target_os = "macos"))]
    marks: Vec<(std::ffi::CString, Vec<u8>)>,
}

/// Has a new file be one that nobody else can read as long as it is not known who may: the old one may be private.
pub(super) fn privately(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

impl Attributes {
    /// Those of the file at a path, links followed.
    pub(super) fn of(path: &Path) -> io::Result<Self> {
        let metadata = fs::metadata(path)?;
        Ok(Self {
            permissions: metadata.permissions(),
            #[cfg(unix)]
            owner: owner(&metadata),
            #[cfg(any(target_os = "linux", target_os = "macos"))]
            marks: marks::of(path)?,
        })
    }

    /// Whether the mode lets nobody write.
    pub(super) fn read_only(&self) -> bool {
        self.permissions.readonly()
    }

    /// Gives them to a new file.
    ///
    /// # Errors
    /// When the group can't be given, or the system refuses.
    pub(super) fn give(&self, disk: Disk<'_>, file: &File) -> io::Result<()> {
        #[cfg_attr(not(unix), allow(unused_mut))]
        let mut permissions = self.permissions.clone();
        // First the owner: that takes some bits of the mode away.
        #[cfg(unix)]
        if !self.give_owner(disk, file)? {
            use std::os::unix::fs::PermissionsExt;
            const RUNS_AS_OWNER: u32 = 0o4000;
            permissions.set_mode(permissions.mode() & !RUNS_AS_OWNER);
        }
        #[cfg(any(target_os = "linux", target_os = "macos"))]
        marks::give(disk, file, &self.marks)?;
        disk.change(|| file.set_permissions(permissions))
    }

    /// Gives the group, and the owner if the system lets us; whether that is the same now.
    #[cfg(unix)]
    fn give_owner(&self, disk: Disk<'_>, file: &File) -> io::Result<bool> {
        use rustix::fs::{Gid, Uid, fchown};
        let (user, group) = owner(&file.metadata()?);
        if group != self.owner.1 {
            let given = disk.change(|| Ok::<_, io::Error>(fchown(file, None, Some(Gid::from_raw(self.owner.1)))?));
            given.map_err(|_| {
                io::Error::new(io::ErrorKind::PermissionDenied, "its group is not one of yours and could not be kept")
            })?;
        }
        Ok(user == self.owner.0
            || disk.change(|| Ok::<_, io::Error>(fchown(file, Some(Uid::from_raw(self.owner.0)), None)?)).is_ok())
    }
}

#[cfg(unix)]
fn owner(metadata: &fs::Metadata) -> (u32, u32) {
    use std::os::unix::fs::MetadataExt;
    (metadata.uid(), metadata.gid())
}

/// Extended attributes: a user's own marks, and lists of who may do what.
#[cfg(any(target_os = "linux", target_os = "macos"))]
mod marks {
    use std::{
        ffi::{CStr, CString},
        fs::File,
        io,
        path::Path,
    };

    use super::Disk;
    use rustix::{
        fs::{XattrFlags, fsetxattr, getxattr, listxattr},
        io::Errno,
    };

    /// The most that the names, or one value, may take: what Linux allows.
    const MOST: usize = 64 * 1024;

    /// Whether a mark is the user's or says who may do what, rather than the system's own.
    fn is_kept(name: &CStr) -> bool {
        let name = name.to_bytes();
        cfg!(target_os = "macos") || name.starts_with(b"user.") || name == b"system.posix_acl_access"
    }

    pub(super) fn of(path: &Path) -> io::Result<Vec<(CString, Vec<u8>)>> {
        let mut names = vec![0u8; MOST];
        let length = match listxattr(path, &mut names) {
            Ok(length) => length,
            Err(Errno::NOTSUP | Errno::NOSYS) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        };
        let names = names[..length].split(|b| *b == 0).filter(|name| !name.is_empty());
        let mut out = Vec::new();
        for name in names.filter_map(|name| CString::new(name).ok()).filter(|name| is_kept(name)) {
            let mut value = vec![0u8; MOST];
            let length = getxattr(path, name.as_c_str(), &mut value)?;
            value.truncate(length);
            out.push((name, value));
        }
        Ok(out)
    }

    pub(super) fn give(disk: Disk<'_>, file: &File, marks: &[(CString, Vec<u8>)]) -> io::Result<()> {
        for (name, value) in marks {
            let give = || Ok::<_, io::Error>(fsetxattr(file, name.as_c_str(), value, XattrFlags::empty())?);
            let given = disk.change(give);
            // Some marks of that system only the system sets.
            if cfg!(target_os = "linux") {
                given?;
            }
        }
        Ok(())
    }
}
